#include "daemon/review/invitation.hpp"
#include "tests/support/catch.hpp"

namespace reviewd::test::test_invitation {

using namespace reviewd;
using namespace std::chrono_literals;
using review::InvitationStep;
using review::next_invitation;
using review::SentInvitation;

TEST_CASE("every change of an appointment raises the sequence", "[review][invitation]") {
    using Method = InvitationStep::Method;
    const TimePoint ten{10h};
    const TimePoint noon{12h};
    struct Row {
        const char* what;
        std::optional<TimePoint> wanted;
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
    };
    for (const Row& row : table) {
        INFO(row.what);
        CHECK((next_invitation(row.wanted, row.sent) == row.step));
    }
}

} // namespace reviewd::test::test_invitation
