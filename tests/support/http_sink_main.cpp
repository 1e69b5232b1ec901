// http_sink: a receiver of webhooks for tests of whole programs. Every request is a line of JSON in
// the output file before it is answered.

#include "tests/support/certificates.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/sink.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>

namespace {

namespace json = boost::json;
using reviewd::test::ReceivedRequest;

std::string as_line(const ReceivedRequest& request) {
    json::object headers;
    for (const auto& [name, value] : request.headers) {
        headers[name] = reviewd::test::as_utf8(value);
    }
    return json::serialize(json::object{
        {"method", request.method},
        {"target", reviewd::test::as_utf8(request.target)},
        {"headers", headers},
        {"tls", request.has_tls},
        {"status", request.status},
        {"body", reviewd::test::as_utf8(request.body)},
    });
}

int run(int argc, char** argv) {
    std::string output;
    std::string certificates;
    reviewd::test::HttpServerSettings settings;
    CLI::App app{"A receiver of POSTs on 127.0.0.1 that keeps every request as a line of JSON"};
    app.add_option("--output", output, "file to append to")->required();
    app.add_option("--port", settings.port, "0 takes a free one");
    app.add_option("--certificates", certificates, "directory for a new root; then it is https");
    app.add_option("--status", settings.answer.status, "what to answer");
    CLI11_PARSE(app, argc, argv);

    std::string root;
    if (!certificates.empty()) {
        const reviewd::test::CertificateAuthority authority{certificates};
        settings.certificate = authority.issue("server");
        root = authority.root_file().string();
    }
    const reviewd::test::SinkFile file{output};
    settings.keep = [&file](const ReceivedRequest& request) {
        file.append(as_line(request));
    };
    boost::asio::io_context loop{1};
    const reviewd::test::HttpServer server{loop.get_executor(), std::move(settings)};
    reviewd::test::run_sink(
        loop, json::serialize(json::object{{"port", server.port()}, {"root_file", root}})
    );
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "http_sink: %s\n", error.what());
        return 70;
    }
}
