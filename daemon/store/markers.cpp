#include "daemon/store/markers.hpp"

#include "daemon/store/internal/implementation.hpp"

namespace reviewd::store {

std::optional<std::string> Markers::find(std::string_view name) {
    Query query{connection_, "SELECT value FROM markers WHERE name = ?1"};
    query.bind(name);
    return query.step() ? std::optional{query->text(0)} : std::nullopt;
}

void Markers::set(std::string_view name, std::string_view value) {
    require_transaction(connection_);
    Query{
        connection_,
        "INSERT INTO markers (name, value) VALUES (?1, ?2)"
        " ON CONFLICT (name) DO UPDATE SET value = ?2"}
        .bind(name, value)
        .run();
}

void Markers::erase(std::string_view name) {
    require_transaction(connection_);
    Query{connection_, "DELETE FROM markers WHERE name = ?1"}.bind(name).run();
}

} // namespace reviewd::store
