// curl_mail: sends COUNT messages of BYTES, one recipient each, over eight kept connections of
// libcurl's multi interface, and stores nothing: what a plain sender reaches on this machine.
//
// Usage: curl_mail PORT COUNT BYTES
#include <fmt/format.h>

#include <curl/curl.h>

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

constexpr int connections = 8;

struct CloseEasy {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct CloseMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};
struct FreeList {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// One handle, and the message that it sends at present.
struct Sender {
    std::unique_ptr<CURL, CloseEasy> easy{curl_easy_init()};
    std::unique_ptr<curl_slist, FreeList> recipient;
    std::string text;
    std::size_t sent = 0;
};

std::size_t read_text(char* buffer, std::size_t size, std::size_t count, void* user) {
    Sender& sender = *static_cast<Sender*>(user);
    const std::size_t taken = std::min(size * count, sender.text.size() - sender.sent);
    std::memcpy(buffer, sender.text.data() + sender.sent, taken);
    sender.sent += taken;
    return taken;
}

void address(Sender& sender, int number, const std::string& body) {
    const std::string to = fmt::format("p{}@reviews.example", number);
    sender.recipient.reset(curl_slist_append(nullptr, to.c_str()));
    sender.text = fmt::format(
        "From: reviews@reviews.example\r\nTo: {}\r\nSubject: Today 1: number {}\r\n"
        "Message-ID: <{}@reviews.example>\r\n\r\n{}",
        to,
        number,
        number,
        body
    );
    sender.sent = 0;
    curl_easy_setopt(sender.easy.get(), CURLOPT_MAIL_RCPT, sender.recipient.get());
}

void prepare(Sender& sender, const std::string& url) {
    CURL* const easy = sender.easy.get();
    curl_easy_setopt(easy, CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, "reviews@reviews.example");
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &read_text);
    curl_easy_setopt(easy, CURLOPT_READDATA, &sender);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, &sender);
}

/// @returns whether every message was taken
bool send_all(const std::string& url, int count, const std::string& body) {
    const std::unique_ptr<CURLM, CloseMulti> multi{curl_multi_init()};
    std::vector<Sender> senders(connections);
    int next = 0;
    int under_way = 0;
    const auto send_next = [&](Sender& sender) {
        if (next < count) {
            address(sender, next++, body);
            curl_multi_add_handle(multi.get(), sender.easy.get());
            ++under_way;
        }
    };
    for (Sender& sender : senders) {
        prepare(sender, url);
        send_next(sender);
    }
    while (under_way > 0) {
        int running = 0;
        curl_multi_perform(multi.get(), &running);
        int left = 0;
        while (const CURLMsg* const message = curl_multi_info_read(multi.get(), &left)) {
            if (message->data.result != CURLE_OK) {
                fmt::print(stderr, "curl_mail: {}\n", curl_easy_strerror(message->data.result));
                return false;
            }
            void* sender = nullptr;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &sender);
            curl_multi_remove_handle(multi.get(), message->easy_handle);
            --under_way;
            send_next(*static_cast<Sender*>(sender));
        }
        if (under_way > 0) {
            curl_multi_poll(multi.get(), nullptr, 0, 1000, nullptr);
        }
    }
    return true;
}

} // namespace

int main(int count, char** words) {
    if (count != 4) {
        fmt::print(stderr, "usage: curl_mail PORT COUNT BYTES\n");
        return 64;
    }
    std::string body;
    while (body.size() < std::stoul(words[3])) {
        body += "The account is to be reviewed today; these are the reasons.\r\n";
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    const bool is_sent =
        send_all(fmt::format("smtp://127.0.0.1:{}", words[1]), std::stoi(words[2]), body);
    curl_global_cleanup();
    return is_sent ? 0 : 1;
}
