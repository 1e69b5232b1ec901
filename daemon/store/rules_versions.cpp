#include "daemon/store/rules_versions.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "scoring/base/assert.hpp"

#include <algorithm>
#include <array>

namespace reviewd::store {
namespace {

/// Below the limit that every connection sets on one value.
constexpr std::size_t part_bytes = 500'000;

constexpr std::string_view rules_version_columns =
    "SELECT id, hash, loaded_at_ms, who, note, is_active FROM rules_versions ";

constexpr std::array<std::string_view, 7> event_names{
    "loaded", "published", "rolled_back", "held", "confirmed", "dropped", "in_force"};
constexpr std::array<std::string_view, 3> origin_names{"files", "published", "rolled_back"};

template <class Names>
std::size_t index_of(const Names& names, std::string_view text) {
    const auto found = std::find(names.begin(), names.end(), text);
    REVIEWD_ASSERT(found != names.end()); // the table's CHECK allows nothing else
    return static_cast<std::size_t>(found - names.begin());
}

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

std::vector<RulesVersionFile> RulesVersions::files(RulesVersionId id) {
    std::vector<RulesVersionFile> files;
    Query query{
        connection_,
        "SELECT name, hash FROM rules_files WHERE rules_version_id = ?1 ORDER BY position"};
    query.bind(id);
    while (query.step()) {
        files.push_back({query->text(0), query->text(1)});
    }
    return files;
}

std::vector<RulesEvent> RulesVersions::events(RulesVersionId id) {
    std::vector<RulesEvent> events;
    Query query{
        connection_,
        "SELECT rules_version_id, at_ms, who, what, note FROM rules_events"
        " WHERE rules_version_id = ?1 ORDER BY id"};
    query.bind(id);
    while (query.step()) {
        events.push_back(RulesEvent{
            query->id<RulesVersionId>(0),
            query->time(1),
            query->text(2),
            static_cast<RulesEventKind>(index_of(event_names, query->text_view(3))),
            query->text(4)});
    }
    return events;
}

std::optional<RulesCandidate> RulesVersions::candidate() {
    Query query{
        connection_,
        "SELECT rules_version_id, origin, who, note, at_ms, is_held, effect"
        " FROM rules_candidate"};
    if (!query.step()) {
        return std::nullopt;
    }
    return RulesCandidate{
        query->id<RulesVersionId>(0),
        static_cast<RulesCandidate::Origin>(index_of(origin_names, query->text_view(1))),
        query->text(2),
        query->text(3),
        query->time(4),
        query->boolean(5),
        query->text(6)};
}

void RulesVersions::record(const RulesEvent& event) {
    require_transaction(connection_);
    Query{
        connection_,
        "INSERT INTO rules_events (rules_version_id, at_ms, who, what, note)"
        " VALUES (?1, ?2, ?3, ?4, ?5)"}
        .bind(event.version, event.at, event.who, name(event.what), event.note)
        .run();
}

void RulesVersions::set_candidate(const RulesCandidate& candidate) {
    require_transaction(connection_);
    Query{
        connection_,
        "INSERT OR REPLACE INTO rules_candidate (id, rules_version_id, origin, who, note, at_ms,"
        " is_held, effect) VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7)"}
        .bind(
            candidate.version,
            name(candidate.origin),
            candidate.who,
            candidate.note,
            candidate.at,
            candidate.is_held,
            candidate.effect
        )
        .run();
}

void RulesVersions::clear_candidate() {
    require_transaction(connection_);
    Query{connection_, "DELETE FROM rules_candidate"}.run();
}

RulesVersionId RulesVersions::remember(const NewRulesVersion& version, TimePoint now) {
    require_transaction(connection_);
    Query known{connection_, "SELECT id FROM rules_versions WHERE hash = ?1"};
    known.bind(version.hash);
    if (known.step()) {
        return known->id<RulesVersionId>(0);
    }
    Query insert{
        connection_,
        "INSERT INTO rules_versions (hash, loaded_at_ms, who, note) VALUES (?1, ?2, ?3, ?4)"
        " RETURNING id"};
    insert.bind(version.hash, now, version.who, version.note);
    REVIEWD_ASSERT(insert.step());
    const auto id = insert->id<RulesVersionId>(0);
    int position = 0;
    for (const RulesVersionFile& file : version.files) {
        Query{
            connection_,
            "INSERT INTO rules_files (rules_version_id, position, name, hash)"
            " VALUES (?1, ?2, ?3, ?4)"}
            .bind(id, position++, file.name, file.hash)
            .run();
    }
    std::string_view content = version.content;
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

std::string_view name(RulesEventKind what) noexcept {
    return event_names.at(static_cast<std::size_t>(what));
}

std::string_view name(RulesCandidate::Origin origin) noexcept {
    return origin_names.at(static_cast<std::size_t>(origin));
}

} // namespace reviewd::store
