// A depth-first walk with an explicit stack: the number of facts is bounded only by the file's
// size, so the walk must not use the thread's.
#include "scoring/rules/evaluation_order.hpp"

#include "scoring/base/overloaded.hpp"

#include <algorithm>

namespace reviewd::rules {
namespace {

enum class State : std::uint8_t { untouched, open, done };

std::vector<std::uint32_t> slots_of_offers(std::span<const Product> products) {
    std::vector<std::uint32_t> slots;
    for (const Product& product : products) {
        if (product.offer_when) {
            const auto& read = product.offer_when->slots();
            slots.insert(slots.end(), read.begin(), read.end());
        }
    }
    std::sort(slots.begin(), slots.end());
    slots.erase(std::unique(slots.begin(), slots.end()), slots.end());
    return slots;
}

struct Visit {
    std::uint32_t slot = 0;
    std::size_t next = 0; ///< index of the first slot it reads that was not visited yet
};

class Walk {
public:
    Walk(std::span<const Fact> facts, std::span<const Product> products) : states_(facts.size()) {
        reads_.reserve(facts.size());
        for (const Fact& fact : facts) {
            reads_.push_back(slots_read_by(fact.form, products));
        }
    }

    EvaluationOrder run() {
        for (std::uint32_t slot = 0; slot < states_.size() && order_.cycle.empty(); ++slot) {
            if (states_[slot] == State::untouched) {
                visit(slot);
            }
        }
        return std::move(order_);
    }

private:
    void visit(std::uint32_t first) {
        open(first);
        while (!stack_.empty()) {
            Visit& top = stack_.back();
            if (top.next == reads_[top.slot].size()) {
                states_[top.slot] = State::done;
                order_.slots.push_back(top.slot);
                stack_.pop_back();
                continue;
            }
            const std::uint32_t read = reads_[top.slot][top.next++];
            if (states_[read] == State::open) {
                report_cycle(read);
                return;
            }
            if (states_[read] == State::untouched) {
                open(read);
            }
        }
    }

    void open(std::uint32_t slot) {
        states_[slot] = State::open;
        stack_.push_back({slot, 0});
    }

    void report_cycle(std::uint32_t slot) {
        const auto begin = std::find_if(stack_.begin(), stack_.end(), [&](const Visit& visit) {
            return visit.slot == slot;
        });
        for (auto at = begin; at != stack_.end(); ++at) {
            order_.cycle.push_back(at->slot);
        }
    }

    std::vector<std::vector<std::uint32_t>> reads_;
    std::vector<State> states_;
    std::vector<Visit> stack_;
    EvaluationOrder order_;
};

} // namespace

std::vector<std::uint32_t> slots_read_by(const FactForm& form, std::span<const Product> products) {
    using Slots = std::vector<std::uint32_t>;
    return std::visit(
        Overloaded{
            [](const ColumnFact&) { return Slots{}; },
            [](const AggregateFact&) { return Slots{}; },
            [](const AnswerFact&) { return Slots{}; },
            [](const ExpressionFact& made) { return made.expression.slots(); },
            [&](BuiltIn fact) {
                return fact == BuiltIn::offers ? slots_of_offers(products) : Slots{};
            }},
        form
    );
}

EvaluationOrder order_facts(std::span<const Fact> facts, std::span<const Product> products) {
    return Walk{facts, products}.run();
}

} // namespace reviewd::rules
