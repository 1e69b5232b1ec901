#include "daemon/review/invitation.hpp"
#include "tests/support/catch.hpp"

namespace reviewd::test::test_invitation {

using namespace reviewd;
using namespace std::chrono_literals;
using review::AgreedTime;
using review::InvitationStep;
using review::next_invitation;
using review::SentInvitation;

TEST_CASE("every change of an appointment raises the sequence", "[review][invitation]") {
    using Method = InvitationStep::Method;
    const AgreedTime ten{TimePoint{10h}};
    const AgreedTime noon{TimePoint{12h}};
    const Date day{2026y / 12 / 8};
    const AgreedTime in_dhaka{TimePoint{18h}, day};
    const AgreedTime in_london{TimePoint{24h}, day};
    const AgreedTime day_after{TimePoint{24h}, day + std::chrono::days{1}};
    struct Row {
        const char* what;
        std::optional<AgreedTime> wanted;
        std::optional<SentInvitation> sent;
        std::optional<InvitationStep> step;
    };
    const std::vector<Row> table{
        {"nothing wanted, nothing sent", {}, {}, {}},
        {"the first", ten, {}, InvitationStep{Method::request, 0, ten}},
        {"the same", ten, SentInvitation{0, ten, false}, {}},
        {"another time",
         noon,
         SentInvitation{0, ten, false},
         InvitationStep{Method::request, 1, noon}},
        {"off", {}, SentInvitation{1, noon, false}, InvitationStep{Method::cancel, 2, noon}},
        {"off already", {}, SentInvitation{2, noon, true}, {}},
        {"on again", noon, SentInvitation{2, noon, true}, InvitationStep{Method::request, 3, noon}},
        {"the same day in another zone", in_london, SentInvitation{0, in_dhaka, false}, {}},
        {"another day that begins there then",
         day_after,
         SentInvitation{0, in_london, false},
         InvitationStep{Method::request, 1, day_after}},
        {"a day is off",
         {},
         SentInvitation{0, day_after, false},
         InvitationStep{Method::cancel, 1, day_after}},
    };
    for (const Row& row : table) {
        INFO(row.what);
        const auto step = next_invitation(row.wanted, row.sent);
        REQUIRE(step.has_value() == row.step.has_value());
        if (step) {
            CHECK((step->method == row.step->method));
            CHECK(step->sequence == row.step->sequence);
            CHECK((step->time.start == row.step->time.start));
            CHECK((step->time.day == row.step->time.day));
        }
    }
}

} // namespace reviewd::test::test_invitation
