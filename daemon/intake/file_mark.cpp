#include "daemon/intake/file_mark.hpp"

#include <fmt/format.h>

#include <optional>

namespace reviewd::intake {
namespace {

constexpr std::size_t small_file_bytes = 16UL * 1024; ///< most files of a small company
constexpr std::size_t buffer_bytes = 256UL * 1024;
constexpr int buffers_per_step = 32;

/// Text after text, each with its length, so that no two settings look alike.
class Description {
public:
    Description& add(std::string_view text) {
        text_ += std::to_string(text.size());
        text_ += ':';
        text_ += text;
        return *this;
    }
    Description& maybe(const std::optional<std::string>& text) {
        return text ? add("set").add(*text) : add("");
    }
    template <class Number>
    Description& number(Number value) {
        return add(fmt::to_string(value));
    }
    [[nodiscard]] const std::string& text() const { return text_; }

private:
    std::string text_;
};

std::string description(
    const config::SourceSettings& source,
    const rules::TableSchema& schema,
    const config::CompanySettings& company
) {
    Description all;
    all.add("1").number(static_cast<int>(source.table)).number(static_cast<int>(source.load));
    all.add(std::string_view{&source.delimiter, 1})
        .add(std::string_view{&source.decimal, 1})
        .maybe(source.where);
    all.maybe(source.accounts_from).add(company.currency).number(company.minor_digits);
    for (const auto& [currency, rate] : company.rates) {
        all.add(currency).number(rate);
    }
    for (const rules::Column& column : schema.columns) {
        all.add(column.name).number(static_cast<int>(column.type));
        all.number(column.is_required ? 1 : 0);
    }
    for (const config::ColumnMapping& mapping : source.columns) {
        all.number(mapping.column).maybe(mapping.header).maybe(mapping.constant);
        all.maybe(mapping.expression).maybe(mapping.when_empty).number(mapping.scale);
        all.add(mapping.date_format).maybe(mapping.currency_header);
        for (const auto& [from, to] : mapping.aliases) {
            all.add(from).add(to);
        }
    }
    return all.text();
}

} // namespace

FileHasher::FileHasher(
    ByteSource& file,
    const config::SourceSettings& source,
    const rules::TableSchema& schema,
    const config::CompanySettings& company
)
    : file_(&file), buffer_(small_file_bytes) {
    sha_.add(description(source, schema, company));
}

Result<bool> FileHasher::step() {
    for (int i = 0; i < buffers_per_step; ++i) {
        const Result<std::size_t> read = file_->read(offset_, buffer_);
        if (!read) {
            return read.error();
        }
        sha_.add({buffer_.data(), *read});
        offset_ += *read;
        if (*read < buffer_.size()) {
            return false;
        }
        buffer_.resize(buffer_bytes);
    }
    return true;
}

std::string FileHasher::finish() {
    return sha_.finish();
}

} // namespace reviewd::intake
