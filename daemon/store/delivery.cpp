#include "daemon/store/delivery.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace reviewd::store {
namespace {

using enum DeliveryState;

constexpr std::array<std::string_view, 11> state_names{
    "planned",
    "held",
    "ready",
    "sending",
    "wait",
    "uncertain",
    "accepted",
    "failed",
    "expired",
    "cancelled",
    "superseded"};

/// Every move that is allowed. `ready → planned` takes back a text that nobody has seen.
constexpr auto moves = std::to_array<std::pair<DeliveryState, DeliveryState>>({
    {planned, ready},    {planned, held},       {planned, cancelled}, {planned, expired},
    {held, planned},     {held, ready},         {held, cancelled},    {held, expired},
    {ready, sending},    {ready, held},         {ready, planned},     {ready, cancelled},
    {ready, superseded}, {ready, expired},      {sending, accepted},  {sending, wait},
    {sending, failed},   {sending, uncertain},  {wait, sending},      {wait, held},
    {wait, expired},     {wait, cancelled},     {wait, failed},       {uncertain, wait},
    {uncertain, held},   {uncertain, accepted}, {uncertain, failed},
});

} // namespace

std::string_view name(DeliveryState state) noexcept {
    return state_names[static_cast<std::size_t>(state)];
}

std::string_view name(SendPhase phase) noexcept {
    return phase == SendPhase::begin ? "begin" : "commit";
}

std::optional<DeliveryState> find_delivery_state(std::string_view text) noexcept {
    for (std::size_t index = 0; index < state_names.size(); ++index) {
        if (state_names[index] == text) {
            return static_cast<DeliveryState>(index);
        }
    }
    return std::nullopt;
}

bool is_final(DeliveryState state) noexcept {
    return std::none_of(moves.begin(), moves.end(), [&](const auto& move) {
        return move.first == state;
    });
}

bool may_become(DeliveryState from, DeliveryState to) noexcept {
    return std::find(moves.begin(), moves.end(), std::pair{from, to}) != moves.end();
}

std::string to_string(const ReminderKey& key) {
    return fmt::format(
        "{}/{}/{}/{}/{}/{}",
        key.review.value,
        key.occurrence,
        key.step,
        key.repeat,
        key.person.value,
        key.channel
    );
}

} // namespace reviewd::store
