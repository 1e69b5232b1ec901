#include "daemon/store/rules_versions.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "scoring/base/assert.hpp"

namespace reviewd::store {
namespace {

/// Below the limit that every connection sets on one value.
constexpr std::size_t part_bytes = 500'000;

constexpr std::string_view rules_version_columns =
    "SELECT id, hash, loaded_at_ms, who, note, is_active FROM rules_versions ";

RulesVersion read_version(const Query& query) {
    return RulesVersion{
        query->id<RulesVersionId>(0),
        query->text(1),
        query->time(2),
        query->text(3),
        query->text(4),
        query->boolean(5)};
}

} // namespace

std::optional<RulesVersion> RulesVersions::active() {
    static const std::string sql = std::string{rules_version_columns} + "WHERE is_active = 1";
    Query query{connection_, sql};
    return query.step() ? std::optional{read_version(query)} : std::nullopt;
}

std::optional<RulesVersion> RulesVersions::find(RulesVersionId id) {
    static const std::string sql = std::string{rules_version_columns} + "WHERE id = ?1";
    Query query{connection_, sql};
    query.bind(id);
    return query.step() ? std::optional{read_version(query)} : std::nullopt;
}

std::vector<RulesVersion> RulesVersions::history(int limit) {
    static const std::string sql = std::string{rules_version_columns} + "ORDER BY id DESC LIMIT ?1";
    std::vector<RulesVersion> versions;
    Query query{connection_, sql};
    query.bind(limit);
    while (query.step()) {
        versions.push_back(read_version(query));
    }
    return versions;
}

std::optional<std::string> RulesVersions::content(RulesVersionId id) {
    if (!find(id)) {
        return std::nullopt;
    }
    std::string content;
    Query query{
        connection_, "SELECT content FROM rules_texts WHERE rules_version_id = ?1 ORDER BY part"};
    query.bind(id);
    while (query.step()) {
        content += query->text_view(0);
    }
    return content;
}

RulesVersionId RulesVersions::remember(
    std::string_view hash,
    std::string_view content,
    TimePoint now,
    std::string_view who,
    std::string_view note
) {
    require_transaction(connection_);
    Query known{connection_, "SELECT id FROM rules_versions WHERE hash = ?1"};
    known.bind(hash);
    if (known.step()) {
        return known->id<RulesVersionId>(0);
    }
    Query insert{
        connection_,
        "INSERT INTO rules_versions (hash, loaded_at_ms, who, note) VALUES (?1, ?2, ?3, ?4)"
        " RETURNING id"};
    insert.bind(hash, now, who, note);
    REVIEWD_ASSERT(insert.step());
    const auto id = insert->id<RulesVersionId>(0);
    int part = 0;
    while (!content.empty()) {
        std::size_t size = std::min(content.size(), part_bytes);
        // A part ends between two characters, so that each is valid text.
        while (size < content.size() && (static_cast<unsigned char>(content[size]) & 0xc0U) == 0x80U
        ) {
            --size;
        }
        Query{
            connection_,
            "INSERT INTO rules_texts (rules_version_id, part, content) VALUES (?1, ?2, ?3)"}
            .bind(id, part++, content.substr(0, size))
            .run();
        content.remove_prefix(size);
    }
    return id;
}

void RulesVersions::activate(RulesVersionId id) {
    require_transaction(connection_);
    Query{connection_, "UPDATE rules_versions SET is_active = 0 WHERE is_active = 1 AND id <> ?1"}
        .bind(id)
        .run();
    const int found =
        Query{connection_, "UPDATE rules_versions SET is_active = 1 WHERE id = ?1"}.bind(id).run();
    REVIEWD_ASSERT(found == 1);
}

} // namespace reviewd::store
