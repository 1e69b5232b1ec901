// yaml-cpp only tells what it reads, event by event. The tree, and every rule about what may stand
// in a file, is made here, so that no limit can be passed before it is seen.
#include "config/node/parse.hpp"

#include "config/node/byte_check.hpp"
#include "config/node/finding.hpp"
#include "config/node/node_data.hpp"
#include "config/node/scalar_source.hpp"
#include "config/node/secrets.hpp"
#include "config/node/syntax_message.hpp"
#include "scoring/base/shortage.hpp"
#include "scoring/base/text.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <sstream>
#include <system_error>
#include <unordered_map>
#include <utility>

namespace reviewd::config {
namespace {

constexpr std::size_t longest_shown_key = 60;

/// Ends parsing after an error that was reported.
struct Stopped {};

/// A container whose end has not been read yet.
struct Open {
    std::shared_ptr<Node::Data> data;
    std::shared_ptr<const PathLink> link; ///< the container's own step
    std::optional<Node> key;              ///< waiting for its value
    std::size_t key_end = 0;
    std::unordered_map<std::string_view, std::size_t> key_offsets;
    std::size_t count = 0;  ///< elements seen
    bool is_secret = false; ///< stands behind a secret's key
};

class Builder : public YAML::EventHandler {
public:
    Builder(std::shared_ptr<SourceText> source, Report& report, const ParseLimits& limits)
        : source_(std::move(source)), report_(report), limits_(limits) {}

    [[nodiscard]] const std::optional<Node>& root() const { return root_; }
    /// The innermost open bracket of `{ }` or `[ ]`, or npos.
    [[nodiscard]] std::size_t opened_flow() const {
        const bool is_flow = !open_.empty() && open_.back().data->is_in_flow;
        return is_flow ? open_.back().data->offset : std::string::npos;
    }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (documents_++ > 0) {
            error(
                offset_of(mark),
                "a second document begins here",
                "one file holds one document: remove `---` and `...` from its middle"
            );
            throw Stopped{};
        }
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        check_properties(mark, {}, anchor);
        auto data = make(Node::Kind::scalar, mark);
        data->is_null = true;
        data->text = null_word(data->offset);
        if (data->text.empty()) {
            data->offset = place_of_nothing(data->offset);
        }
        add(std::move(data));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
        error(
            offset_of(mark),
            "YAML takes a leading `*` for an alias, and aliases are not allowed",
            "write the value out; put an expression on the line below `>-`"
        );
        auto data = make(Node::Kind::scalar, mark);
        data->is_null = true;
        add(std::move(data));
    }

    void OnScalar(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        const std::string& value
    ) override {
        check_properties(mark, tag, anchor);
        auto data = make(Node::Kind::scalar, mark);
        data->style = style_at(source_->text, data->offset);
        const bool is_quoted =
            data->style == Node::Style::single_quoted || data->style == Node::Style::double_quoted;
        if (is_quoted && !end_of_quoted(source_->text, data->offset)) {
            error(
                data->offset,
                "the quote opened here is not closed on its line",
                "close it, or write a long text on the lines below `>-`, indented"
            );
            throw Stopped{};
        }
        data->text = value;
        add(std::move(data));
    }

    void OnSequenceStart(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value style
    ) override {
        begin(Node::Kind::sequence, mark, tag, anchor, style);
    }
    void OnSequenceEnd() override { end(); }

    void OnMapStart(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value style
    ) override {
        begin(Node::Kind::map, mark, tag, anchor, style);
    }
    void OnMapEnd() override { end(); }

private:
    [[nodiscard]] std::size_t offset_of(const YAML::Mark& mark) const {
        return std::min(static_cast<std::size_t>(std::max(mark.pos, 0)), source_->text.size());
    }

    void error(std::size_t offset, std::string message, std::string hint) {
        report_.add(
            finding_at({*source_, offset}, Severity::error, std::move(message), std::move(hint))
        );
    }

    /// Tags and anchors. `?` and `!` are yaml-cpp's words for "plain" and "quoted".
    void check_properties(const YAML::Mark& mark, std::string_view tag, YAML::anchor_t anchor) {
        const std::size_t at = offset_of(mark);
        const char first = at < source_->text.size() ? source_->text[at] : '\0';
        const bool is_tagged = !tag.empty() && (first == '!' || (tag != "?" && tag != "!"));
        if (is_tagged) {
            error(
                at,
                "YAML takes a leading `!` for a tag, and tags are not allowed",
                "put an expression on the line below `>-`; put a text in quotes"
            );
        } else if (anchor != 0) {
            error(
                at,
                "YAML takes a leading `&` for an anchor, and anchors are not allowed",
                "write each value out; put a text in quotes"
            );
        }
    }

    /// `~` or `null` as written at the place of a null event, or an empty text.
    [[nodiscard]] std::string null_word(std::size_t at) const {
        const std::string_view rest = std::string_view{source_->text}.substr(at);
        for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
            const std::string_view after = rest.substr(std::min(word.size(), rest.size()), 1);
            const bool is_ended =
                after.empty()
                || std::string_view{" \t\r\n,]}"}.find(after) != std::string_view::npos;
            if (rest.substr(0, word.size()) == word && is_ended) {
                return std::string{word};
            }
        }
        return {};
    }

    /// An absent value has the place of what follows it; people look behind the key or the dash.
    [[nodiscard]] std::size_t place_of_nothing(std::size_t at) const {
        const std::string_view text = source_->text;
        if (open_.empty()) {
            return at;
        }
        const Open& parent = open_.back();
        if (parent.key) {
            const std::size_t colon = text.find(':', parent.key_end);
            return colon == std::string_view::npos || colon > at ? at : colon + 1;
        }
        const std::size_t dash = at == 0 ? std::string_view::npos : text.rfind('-', at - 1);
        const bool is_item = parent.data->kind == Node::Kind::sequence && !parent.data->is_in_flow;
        return is_item && dash != std::string_view::npos ? dash : at;
    }

    std::shared_ptr<Node::Data> make(Node::Kind kind, const YAML::Mark& mark) {
        if (++nodes_ > limits_.nodes) {
            error(
                offset_of(mark),
                fmt::format("the file has more than {} values, the limit", limits_.nodes),
                "split it, or move data into a CSV source"
            );
            throw Stopped{};
        }
        auto data = std::make_shared<Node::Data>();
        data->kind = kind;
        data->source = source_;
        data->offset = offset_of(mark);
        data->is_in_flow = !open_.empty() && open_.back().data->is_in_flow;
        return data;
    }

    void begin(
        Node::Kind kind,
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value style
    ) {
        check_properties(mark, tag, anchor);
        if (static_cast<int>(open_.size()) >= limits_.depth) {
            error(
                offset_of(mark),
                fmt::format("values are nested deeper than {} levels, the limit", limits_.depth),
                ""
            );
            throw Stopped{};
        }
        if (awaits_key()) {
            error(
                offset_of(mark),
                "a key must be a word or a text, not a list or a map",
                "a text that begins with `[`, `{` or `? ` needs quotes"
            );
            throw Stopped{};
        }
        auto data = make(kind, mark);
        data->is_in_flow = data->is_in_flow || style == YAML::EmitterStyle::Flow;
        Open opened;
        opened.link = next_link();
        opened.is_secret = is_secret_next();
        data->path = opened.link;
        opened.data = std::move(data);
        open_.push_back(std::move(opened));
    }

    void end() {
        std::shared_ptr<Node::Data> data = std::move(open_.back().data);
        open_.pop_back();
        index_entries(*data);
        add(std::move(data));
    }

    /// The step to the value that comes next.
    [[nodiscard]] std::shared_ptr<const PathLink> next_link() const {
        auto link = std::make_shared<PathLink>();
        if (open_.empty()) {
            link->is_root = true;
            return link;
        }
        const Open& parent = open_.back();
        link->parent = parent.link;
        if (parent.data->kind == Node::Kind::sequence) {
            link->is_element = true;
            link->index = parent.count;
        } else if (parent.key) {
            link->key = parent.key->text();
        }
        return link;
    }

    void add(std::shared_ptr<Node::Data> data) {
        if (!data->path) {
            data->path = next_link();
        }
        if (open_.empty()) {
            root_ = Node{std::move(data)};
            return;
        }
        Open& parent = open_.back();
        if (data->kind == Node::Kind::scalar && !awaits_key()) {
            hide_secrets(*data);
        }
        if (parent.data->kind == Node::Kind::sequence) {
            parent.data->elements.emplace_back(std::move(data));
            ++parent.count;
        } else if (!parent.key) {
            take_key(parent, std::move(data));
        } else {
            add_entry(parent, Node{std::move(data)});
        }
    }

    [[nodiscard]] bool awaits_key() const {
        return !open_.empty() && open_.back().data->kind == Node::Kind::map && !open_.back().key;
    }

    /// Whether what comes next stands behind a secret's key.
    [[nodiscard]] bool is_secret_next() {
        if (open_.empty() || open_.back().is_secret || !open_.back().key) {
            return !open_.empty() && open_.back().is_secret;
        }
        const std::string& key = open_.back().key->text();
        const auto known = secret_keys_.find(key);
        return known != secret_keys_.end()
                   ? known->second
                   : secret_keys_.emplace(key, resembles_secret_key(key)).first->second;
    }

    /// Nothing shows them, on whatever line they stand and whatever is wrong there.
    void hide_secrets(const Node::Data& data) {
        const auto place = [&](std::size_t offset) {
            return source_offset(source_->text, data.offset, data.style, data.text, offset);
        };
        if (is_secret_next()) {
            source_->hide(data.offset, place(data.text.size()));
        } else if (data.text.find('/') != std::string::npos) {
            for (const TextRange& part : secret_parts(key_of_next(), data.text)) {
                source_->hide(place(part.begin), place(part.end));
            }
        }
    }

    /// The nearest key before what comes next.
    [[nodiscard]] std::string_view key_of_next() const {
        const auto named = std::find_if(open_.rbegin(), open_.rend(), [](const Open& each) {
            return each.key.has_value();
        });
        return named == open_.rend() ? std::string_view{} : std::string_view{named->key->text()};
    }

    void take_key(Open& parent, std::shared_ptr<Node::Data> data) {
        const bool is_block =
            data->style == Node::Style::literal_block || data->style == Node::Style::folded_block;
        if (data->is_null || data->text.empty() || is_block) {
            error(
                data->offset,
                data->text.empty() ? "a key is missing in front of `:`"
                                   : "a key must be a word or a text on one line",
                "write `key: value`"
            );
        } else if (data->style == Node::Style::plain && data->text == "<<") {
            error(
                data->offset,
                "merging with `<<` is not allowed",
                "write the keys out, so that everybody sees them"
            );
        }
        auto link = std::make_shared<PathLink>();
        link->parent = parent.link;
        link->key = data->text;
        data->path = std::move(link);
        const bool is_quoted = data->style != Node::Style::plain && !is_block;
        const auto closed = is_quoted ? end_of_quoted(source_->text, data->offset) : std::nullopt;
        parent.key_end = closed.value_or(data->offset + data->text.size());
        parent.key = Node{std::move(data)};
    }

    void add_entry(Open& parent, Node value) {
        const Node key = std::move(*parent.key);
        parent.key.reset();
        const std::size_t offset = key.data().offset;
        const auto [seen, is_new] = parent.key_offsets.emplace(key.text(), offset);
        if (!is_new) {
            const SourcePosition first = source_->position_of(seen->second);
            error(
                offset,
                fmt::format(
                    "the key `{}` stands here a second time",
                    cut_to_width(key.text(), longest_shown_key)
                ),
                fmt::format("it was first given in line {}, column {}", first.line, first.column)
            );
            return;
        }
        parent.data->entries.push_back({key, std::move(value)});
    }

    std::shared_ptr<SourceText> source_;
    Report& report_;
    const ParseLimits& limits_;
    std::vector<Open> open_;
    std::unordered_map<std::string, bool> secret_keys_; ///< whether each resembles one
    std::optional<Node> root_;
    std::size_t nodes_ = 0;
    int documents_ = 0;
};

Node empty_map(std::shared_ptr<const SourceText> source) {
    auto data = std::make_shared<Node::Data>();
    data->kind = Node::Kind::map;
    data->is_empty_document = true;
    data->source = std::move(source);
    auto link = std::make_shared<PathLink>();
    link->is_root = true;
    data->path = std::move(link);
    return Node{std::move(data)};
}

void report_file(const std::string& path, Report& report, std::string message, int error) {
    Diagnostic finding;
    finding.position.file = std::make_shared<const std::string>(path);
    finding.message = std::move(message);
    finding.is_temporary = is_shortage(error);
    report.add(std::move(finding));
}

void report_unreadable(const std::string& path, Report& report, int error) {
    const std::string reason = std::generic_category().message(error);
    report_file(path, report, fmt::format("cannot read the file: {}", reason), error);
}

/// Without O_NONBLOCK a pipe in the place of the file would hold us until somebody writes.
int open_to_read(const std::string& path) {
    constexpr int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY;
    const int descriptor = ::open(path.c_str(), flags | O_NONBLOCK);
    if (descriptor >= 0 || errno != EWOULDBLOCK) {
        return descriptor;
    }
    // A file server has a lease of it, which only regular files have, and gives it back when asked.
    return ::open(path.c_str(), flags);
}

struct OpenFile {
    explicit OpenFile(const std::string& path) : descriptor{open_to_read(path)} {}
    ~OpenFile() {
        if (descriptor >= 0) {
            ::close(descriptor);
        }
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;

    int descriptor;
};

bool is_regular(int descriptor) {
    struct stat status {};
    return ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

/// Into `text` from `done` on; 0 at the end, -1 and errno.
ssize_t read_piece(int descriptor, std::string& text, std::size_t done) {
    ssize_t got = -1;
    do {
        got = ::pread(descriptor, text.data() + done, text.size() - done, static_cast<off_t>(done));
    } while (got < 0 && errno == EINTR);
    return got;
}

} // namespace

std::optional<Node> parse_yaml_for_checking(
    std::string name, std::string text, Report& report, const ParseLimits& limits
) {
    if (!check_bytes(name, text, report, limits)) {
        return std::nullopt;
    }
    const auto source = std::make_shared<SourceText>(std::move(name), std::move(text));
    check_end_marker(*source, report);
    Builder builder{source, report, limits};
    try {
        std::istringstream stream{source->text};
        YAML::Parser parser{stream};
        // The second round meets whatever follows the first document.
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const Stopped&) {
        return std::nullopt;
    } catch (const YAML::Exception& exception) {
        const int at = std::max(exception.mark.pos, 0);
        const std::size_t offset = std::min(static_cast<std::size_t>(at), source->text.size());
        report.add(syntax_finding({*source, offset}, exception.msg, builder.opened_flow()));
        return std::nullopt;
    }
    const std::optional<Node>& root = builder.root();
    const bool is_nothing = !root || (root->is_scalar() && root->is_null() && root->text().empty());
    return is_nothing ? empty_map(source) : *root;
}

std::optional<Node> parse_yaml(
    std::string name, std::string text, Report& report, const ParseLimits& limits
) {
    Report own;
    std::optional<Node> root =
        parse_yaml_for_checking(std::move(name), std::move(text), own, limits);
    for (const Diagnostic& finding : own.diagnostics()) {
        report.add(finding);
    }
    return own.has_errors() ? std::nullopt : root;
}

std::optional<std::string> read_yaml_file(
    const std::string& path, Report& report, const ParseLimits& limits
) {
    const OpenFile file{path};
    if (file.descriptor < 0) {
        report_unreadable(path, report, errno);
        return std::nullopt;
    }
    if (!is_regular(file.descriptor)) {
        report_file(
            path,
            report,
            "cannot read the file: it is no ordinary file; configuration is read from files",
            0
        );
        return std::nullopt;
    }
    // Grown as the file turns out to be, not to the limit at once: such files are small, and what
    // is taken for them would stay with the process.
    std::string text;
    std::size_t done = 0;
    while (done <= limits.bytes) {
        text.resize(std::min(std::max<std::size_t>(4096, done * 2), limits.bytes + 1));
        const ssize_t got = read_piece(file.descriptor, text, done);
        if (got < 0) {
            report_unreadable(path, report, errno);
            return std::nullopt;
        }
        if (got == 0) {
            break;
        }
        done += static_cast<std::size_t>(got);
    }
    text.resize(done);
    return text;
}

} // namespace reviewd::config
