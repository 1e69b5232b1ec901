#include "daemon/notify/mail/mail_message.hpp"

#include "daemon/notify/api/message_text.hpp"

#include <gmime/gmime.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace reviewd::notify {
namespace {

constexpr std::size_t subject_columns = 200;
constexpr std::size_t name_columns = 80;
constexpr std::size_t id_bytes_max = 180;

struct Release {
    void operator()(void* object) const { g_object_unref(object); }
    void operator()(GMimeFormatOptions* options) const { g_mime_format_options_free(options); }
    void operator()(GDateTime* time) const { g_date_time_unref(time); }
    void operator()(char* text) const { g_free(text); }
};
template <class T>
using Owned = std::unique_ptr<T, Release>;

void start_library() {
    static const bool is_started = [] {
        g_mime_init();
        return true;
    }();
    static_cast<void>(is_started);
}

bool is_id_character(char c) {
    const bool is_alphanumeric =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return is_alphanumeric
           || std::string_view{"!#$%&'*+-/=?^_`{|}~.@"}.find(c) != std::string::npos;
}

/// "<id@host>" without its brackets and without whatever has no place in it.
std::string bare_id(std::string_view id) {
    std::string result;
    std::copy_if(id.begin(), id.end(), std::back_inserter(result), is_id_character);
    return result.substr(0, id_bytes_max);
}

/// Line ends LF, no NUL, valid UTF-8.
std::string canonical(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool is_pair = text[at] == '\r' && at + 1 < text.size() && text[at + 1] == '\n';
        if (is_pair || text[at] == '\0') {
            continue;
        }
        result += text[at] == '\r' ? '\n' : text[at];
    }
    return valid_utf8(result);
}

std::string with_crlf(std::string_view text) {
    std::string result;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const bool is_bare = text[at] == '\n' && (at == 0 || text[at - 1] != '\r');
        result += is_bare ? "\r\n" : std::string(1, text[at]);
    }
    return result;
}

bool has_leading_dots(std::string_view lines) {
    return lines.substr(0, 1) == "." || lines.find("\n.") != std::string_view::npos;
}

/// A leaf. Base64 where quoted-printable would be longer and no more legible, and where a line
/// begins with a dot, which a careless relay could take for the end of the message.
Owned<GMimeObject> make_part(const char* subtype, std::string_view text) {
    const std::string lines = canonical(text);
    const auto high = std::count_if(lines.begin(), lines.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x7F;
    });
    const bool is_legible =
        high * 6 < static_cast<std::ptrdiff_t>(lines.size()) && !has_leading_dots(lines);
    const std::string bytes = is_legible ? lines : with_crlf(lines);
    Owned<GMimeObject> part{GMIME_OBJECT(g_mime_part_new_with_type("text", subtype))};
    g_mime_object_set_content_type_parameter(part.get(), "charset", "utf-8");
    const Owned<GMimeStream> stream{g_mime_stream_mem_new_with_buffer(bytes.data(), bytes.size())};
    const Owned<GMimeDataWrapper> content{
        g_mime_data_wrapper_new_with_stream(stream.get(), GMIME_CONTENT_ENCODING_DEFAULT)};
    auto* leaf = GMIME_PART(part.get());
    g_mime_part_set_content(leaf, content.get());
    g_mime_part_set_content_encoding(
        leaf, is_legible ? GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE : GMIME_CONTENT_ENCODING_BASE64
    );
    return part;
}

/// What an iCalendar text says it is: the METHOD of a mail's part has to be the same.
std::string method_of(std::string_view calendar) {
    constexpr std::string_view property = "METHOD:";
    const std::size_t begin = calendar.find(property);
    std::string method;
    for (std::size_t at = begin; begin != std::string_view::npos; ++at) {
        const std::size_t place = at + property.size();
        if (place >= calendar.size() || calendar[place] < 'A' || calendar[place] > 'Z') {
            break;
        }
        method += calendar[place];
    }
    return method.empty() ? "PUBLISH" : method;
}

Owned<GMimeObject> make_body(const Message& message) {
    Owned<GMimeObject> text = make_part("plain", message.text);
    if (message.html.empty() && message.calendar.empty()) {
        return text;
    }
    GMimeMultipart* both = g_mime_multipart_new_with_subtype("alternative");
    // `=_` stands in neither of the two encodings, so no part can hold the boundary.
    const std::string boundary = "=_" + bare_id(message.id).substr(0, 60);
    g_mime_multipart_set_boundary(both, boundary.c_str());
    g_mime_multipart_add(both, text.get());
    if (!message.html.empty()) {
        const Owned<GMimeObject> html = make_part("html", message.html);
        g_mime_multipart_add(both, html.get());
    }
    if (!message.calendar.empty()) {
        const Owned<GMimeObject> calendar = make_part("calendar", message.calendar);
        const std::string method = method_of(message.calendar);
        g_mime_object_set_content_type_parameter(calendar.get(), "method", method.c_str());
        g_mime_object_set_content_type_parameter(calendar.get(), "component", "VEVENT");
        g_mime_multipart_add(both, calendar.get());
    }
    return Owned<GMimeObject>{GMIME_OBJECT(both)};
}

/// `text` as it may stand in a header: as it is when it is visible ASCII, else wholly in encoded
/// words (RFC 2047). GMime would let pass what only looks like an encoded word, and a name could
/// then show as another.
std::string encoded(const std::string& text) {
    constexpr std::size_t word_bytes_max = 45;
    const bool is_plain =
        text.find("=?") == std::string::npos
        && std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
    if (is_plain) {
        return text;
    }
    std::string result;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = std::min(at + word_bytes_max, text.size());
        while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
            --end;
        }
        const auto* bytes = reinterpret_cast<const guchar*>(&text[at]);
        const Owned<char> word{g_base64_encode(bytes, end - at)};
        result += result.empty() ? "=?utf-8?B?" : " =?utf-8?B?";
        result += word.get();
        result += "?=";
        at = end;
    }
    return result;
}

void set_header(GMimeMessage* mail, const char* name, const std::string& value) {
    g_mime_object_set_header(GMIME_OBJECT(mail), name, value.c_str(), nullptr);
}

void add_mailbox(
    GMimeMessage* mail, GMimeAddressType type, std::string_view name, const std::string& address
) {
    const std::string shown = encoded(one_line(name, name_columns));
    g_mime_message_add_mailbox(
        mail, type, shown.empty() ? nullptr : shown.c_str(), address.c_str()
    );
}

void set_headers(GMimeMessage* mail, const Message& message, const MailIdentity& identity) {
    add_mailbox(mail, GMIME_ADDRESS_TYPE_FROM, identity.from_name, identity.from);
    add_mailbox(mail, GMIME_ADDRESS_TYPE_TO, message.recipient.name, message.recipient.address);
    if (!identity.reply_to.empty()) {
        add_mailbox(mail, GMIME_ADDRESS_TYPE_REPLY_TO, "", identity.reply_to);
    }
    const std::string subject = encoded(one_line(message.subject, subject_columns));
    g_mime_message_set_subject(mail, subject.c_str(), "utf-8");
    const auto seconds = std::chrono::floor<std::chrono::seconds>(message.date);
    const Owned<GDateTime> date{
        g_date_time_new_from_unix_utc(static_cast<gint64>(seconds.time_since_epoch().count()))};
    g_mime_message_set_date(mail, date.get());
    g_mime_message_set_message_id(mail, bare_id(message.message_id).c_str());
    const std::string thread = bare_id(message.thread_id);
    if (!thread.empty()) {
        set_header(mail, "In-Reply-To", "<" + thread + ">");
        set_header(mail, "References", "<" + thread + ">");
    }
    if (!identity.list_id.empty()) {
        set_header(mail, "List-Id", "<" + identity.list_id + ">");
    }
    if (!identity.unsubscribe.empty()) {
        // By mail only: a one-click address would need a signature of the relay over it.
        const std::string target = "mailto:" + identity.unsubscribe + "?subject=unsubscribe";
        set_header(mail, "List-Unsubscribe", "<" + target + ">");
    }
    set_header(mail, "Auto-Submitted", "auto-generated");
    set_header(mail, "X-Auto-Response-Suppress", "All");
    set_header(mail, "X-Reviewd-Delivery", bare_id(message.id));
}

} // namespace

std::string build_mail(const Message& message, const MailIdentity& identity) {
    start_library();
    const Owned<GMimeMessage> mail{g_mime_message_new(TRUE)};
    set_headers(mail.get(), message, identity);
    const Owned<GMimeObject> body = make_body(message);
    g_mime_message_set_mime_part(mail.get(), body.get());
    const Owned<GMimeFormatOptions> format{g_mime_format_options_new()};
    g_mime_format_options_set_newline_format(format.get(), GMIME_NEWLINE_FORMAT_DOS);
    const Owned<char> text{g_mime_object_to_string(GMIME_OBJECT(mail.get()), format.get())};
    return with_crlf(text.get());
}

} // namespace reviewd::notify
