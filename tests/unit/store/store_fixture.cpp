#include "tests/unit/store/store_fixture.hpp"

#include "daemon/store/internal/implementation.hpp"
#include "daemon/store/transaction.hpp"

namespace reviewd::test {

using namespace reviewd::store;

StoreFixture::StoreFixture() {
    restart();
}

void StoreFixture::restart() {
    database.reset();
    lock.reset();
    lock.emplace(InstanceLock::acquire(directory.path()).value());
    database = Database::open(*lock).value();
}

std::string StoreFixture::ask(std::string_view sql) const {
    Statement statement{database->implementation(), sql};
    return statement.step() ? statement.text(0) : std::string{};
}

std::string StoreFixture::try_sql(std::string_view sql) const {
    char* problem = nullptr;
    sqlite3_exec(
        database->implementation().handle(), std::string{sql}.c_str(), nullptr, nullptr, &problem
    );
    std::string text = problem == nullptr ? "" : problem;
    sqlite3_free(problem);
    return text;
}

SourceId StoreFixture::source(std::string_view name, rules::Table table) {
    return write(*database, [&] { return Sources{*database}.declare(name, table); }).value();
}

ImportRequest StoreFixture::request(SourceId source, rules::Table table, ImportRequest::Load load)
    const {
    ImportRequest request;
    request.source = source;
    request.schema = &schema[table];
    request.load = load;
    request.day = some_day;
    request.now = some_moment;
    request.file = FileMark{"hash", 1, 2};
    return request;
}

ImportCounts StoreFixture::load(
    SourceId source, rules::Table table, const std::vector<ImportRow>& rows, Date day
) {
    ImportRequest wanted = request(source, table);
    wanted.day = day;
    ImportSession session = ImportSession::begin(*database, wanted).value();
    static_cast<void>(session.add(rows).value());
    session.accept(some_moment).value();
    const ImportCounts counts = session.counts();
    Imports{*database}.finish_all().value();
    return counts;
}

ImportRow row(const rules::TableSchema& table, Values values) {
    ImportRow made;
    made.fields.resize(table.columns.size());
    for (auto& [name, field] : values) {
        made.fields[table.index_of(name).value()] = std::move(field);
    }
    return made;
}

ImportRow account(const rules::Schema& schema, std::string key, std::string name, Values more) {
    more.emplace_back("key", std::move(key));
    more.emplace_back("name", std::move(name));
    return row(schema[rules::Table::accounts], std::move(more));
}

bool checkpoint(store::Database& database) {
    store::Query query{database, "PRAGMA wal_checkpoint(TRUNCATE)"};
    return query.step() && query->integer(0) == 0;
}

Result<store::Claim> claim_now(store::Outbox outbox, DeliveryId delivery, TimePoint now) {
    return outbox.claim(outbox.find(delivery).value(), outbox.reminders(delivery), now);
}

} // namespace reviewd::test
