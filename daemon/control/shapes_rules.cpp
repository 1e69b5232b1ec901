// Shapes of how scores came to be: their history, levels that people set, backtests.

#include "daemon/control/shapes.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

namespace reviewd::control {

namespace {

namespace json = boost::json;

json::value part(const json::value& detail, std::string_view name) {
    const json::object* const object = detail.if_object();
    const json::value* const value = object == nullptr ? nullptr : object->if_contains(name);
    return value == nullptr ? json::value(json::array{}) : *value;
}

json::object change_json(const store::ScoreChange& change) {
    boost::system::error_code error;
    const json::value parsed = json::parse(change.detail, error);
    const json::value detail = error ? json::value(nullptr) : parsed;
    return json::object{
        {"day", to_string(change.day)},
        {"from_level", text_or_null(change.from)},
        {"level", change.to},
        {"from_points",
         change.from_points ? points_json(*change.from_points) : json::value(nullptr)},
        {"points", points_json(change.points)},
        {"rules_version", "v" + std::to_string(change.rules_version.value)},
        {"cause", name(change.cause)},
        {"rules", part(detail, "rules")},
        {"others", part(detail, "others")},
        {"facts", part(detail, "facts")},
    };
}

json::object rate_json(const engine::HitRate& rate, const engine::HitRate& all) {
    const engine::Interval interval = engine::wilson_interval(rate);
    const bool has_lift = rate.count > 0 && all.hits > 0;
    return json::object{
        {"accounts", rate.count},
        {"hits", rate.hits},
        {"rate", rate.count > 0 ? json::value(rate.rate()) : json::value(nullptr)},
        {"low", interval.low},
        {"high", interval.high},
        {"lift", has_lift ? json::value(rate.rate() / all.rate()) : json::value(nullptr)},
    };
}

json::array bands_json(const engine::BacktestReport& report) {
    json::array bands;
    for (const engine::BacktestBand& band : report.bands) {
        json::object object = rate_json(band.hits, report.all);
        object["highest"] = points_json(band.highest);
        object["lowest"] = points_json(band.lowest);
        bands.push_back(std::move(object));
    }
    return bands;
}

json::array rules_json(const service::BacktestView& view) {
    json::array rules;
    for (std::size_t i = 0; i < view.report.rules.size(); ++i) {
        const engine::BacktestRule& rule = view.report.rules[i];
        json::array bought;
        for (const auto& [product, accounts] : rule.bought) {
            bought.push_back(json::object{{"product", product}, {"accounts", accounts}});
        }
        rules.push_back(json::object{
            {"rule", view.rules->rules.at(i).id},
            {"fired", rate_json(rule.fired, view.report.all)},
            {"did_not_fire", rate_json(rule.did_not_fire, view.report.all)},
            {"cannot_be_judged", rate_json(rule.cannot_be_judged, view.report.all)},
            {"bought", std::move(bought)},
        });
    }
    return rules;
}

json::array accounts_json(const service::BacktestView& view) {
    json::array accounts;
    for (const service::BacktestAccount& account : view.accounts) {
        accounts.push_back(json::object{
            {"key", account.key},
            {"name", account.name},
            {"points", points_json(account.points)},
            {"level", view.rules->levels.at(account.level).name},
            {"is_hit", account.is_hit},
            {"bought", json::array(account.bought.begin(), account.bought.end())},
        });
    }
    return accounts;
}

} // namespace

json::object override_json(const store::Override& one) {
    return json::object{
        {"level", one.level},
        {"since", to_string(one.since)},
        {"until", to_string(one.until)},
        {"because", one.because},
        {"who", one.who},
        {"ended", to_json(one.ended)},
        {"ended_by", text_or_null(one.ended_by)},
    };
}

json::array idle_overrides_json(const std::vector<service::IdleOverride>& overrides) {
    json::array array;
    for (const service::IdleOverride& idle : overrides) {
        array.push_back(json::object{
            {"account", json::object{{"key", idle.account_key}, {"name", idle.account_name}}},
            {"level", idle.override.level},
            {"until", to_string(idle.override.until)},
        });
    }
    return array;
}

json::object score_history_json(const service::ScoreHistoryView& view) {
    json::array changes;
    for (const store::ScoreChange& change : view.changes) {
        changes.push_back(change_json(change));
    }
    json::array overrides;
    for (const store::Override& one : view.overrides) {
        overrides.push_back(override_json(one));
    }
    return json::object{
        {"account", account_json(view.account)},
        {"changes", std::move(changes)},
        {"overrides", std::move(overrides)},
    };
}

json::object backtest_json(const service::BacktestView& view) {
    const engine::BacktestReport& report = view.report;
    json::value curve = nullptr;
    if (report.curve) {
        curve = json::object{
            {"area", report.curve->area},
            {"low", report.curve->interval.low},
            {"high", report.curve->interval.high},
        };
    }
    json::array levels;
    for (std::size_t i = 0; i < report.levels.size(); ++i) {
        json::object level = rate_json(report.levels[i], report.all);
        level["level"] = view.rules->levels.at(i).name;
        levels.push_back(std::move(level));
    }
    json::array known;
    for (const auto& [fact, accounts] : view.known) {
        known.push_back(json::object{{"fact", fact}, {"accounts", accounts}});
    }
    return json::object{
        {"as_of", to_string(view.wish.as_of)},
        {"until", to_string(view.until)},
        {"outcome", view.wish.outcome},
        {"rules_hash", view.rules->content_hash},
        {"all", rate_json(report.all, report.all)},
        {"auc", std::move(curve)},
        {"bands", bands_json(report)},
        {"levels", std::move(levels)},
        {"rules", rules_json(view)},
        {"known", std::move(known)},
        {"accounts", accounts_json(view)},
        {"warnings", json::array(view.warnings.begin(), view.warnings.end())},
    };
}

} // namespace reviewd::control
