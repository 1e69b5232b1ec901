#pragma once

#include "daemon/simulation/checker.hpp"
#include "daemon/simulation/company.hpp"
#include "daemon/simulation/machine.hpp"
#include "daemon/simulation/model.hpp"
#include "daemon/simulation/peers.hpp"
#include "daemon/simulation/simulation.hpp"
#include "daemon/simulation/trace.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reviewd::simulation {

/// Everything of one run: it lets time pass from event to event, does to the daemon what the world
/// does, and has the checker look.
class World {
public:
    explicit World(const Plan& plan);

    /// Until the end, or the first violation.
    void run(const std::function<void(double share)>& progress);
    [[nodiscard]] Report report() const;

    // ---- for scripted stories: the same world, one step at a time -------------------------------

    /// Founds the company, writes its files and starts the daemon.
    void begin();
    /// Lets time pass to a moment, with everything that happens until then.
    void pass_until(TimePoint end);
    [[nodiscard]] TimePoint now() const { return now_; }
    [[nodiscard]] Machine& machine() { return machine_; }
    [[nodiscard]] Company& company() { return company_; }
    [[nodiscard]] Model& model() { return model_; }
    [[nodiscard]] Checker& checker() { return checker_; }
    [[nodiscard]] const Peers& peers() const { return peers_; }

private:
    /// What happens at a moment of the simulated time.
    enum class Happening {
        day,          ///< a new day: what is going to happen on it is drawn
        publish,      ///< the customer system exports
        reconfigure,  ///< managers and IT change things
        person,       ///< somebody works on their reviews
        operating,    ///< IT looks after what is held or failed
        affairs,      ///< leave, and what is done with whole portfolios
        look,         ///< the checker looks
        crash,        ///< a crash is planned for one of the next writes
        sync_failure, ///< the next sync fails
        disk_fills,
        disk_clears,
        clock_moves,
        clock_returns,
        stop,
        start,
        answer, ///< a late answer comes in
        echo,   ///< an answer that was recorded comes once more
    };
    struct Event {
        Happening what = Happening::day;
        std::string subject{};
    };
    /// An attempt whose result the daemon does not know yet.
    struct UnderWay {
        service::SendOrder order;
        notify::Outcome outcome;
        bool is_accepted = false;
        bool is_counted = false; ///< as uncertain
    };
    /// A person's change that the daemon has neither acknowledged nor refused.
    struct Unanswered {
        store::Review before;
        std::string what;
        std::function<void(const store::Review& after)> apply;
    };
    /// Somebody's leave that the daemon has neither acknowledged nor refused.
    struct AskedLeave {
        std::string person;
        std::string because;
        std::pair<Date, Date> days;
        enum class Wish { take, end } wish = Wish::take;
    };
    /// The process was killed from outside, at a place where it does not write.
    struct Killed {};

    void at(TimePoint when, Happening what, std::string subject = {});
    void happen(const Event& event);
    void plan_day();
    void plan_faults(Date today);
    void step();

    // The daemon's life.
    void guarded(const std::function<void()>& work);
    void crashed(std::string_view how);
    void start();
    void stop(std::chrono::minutes rest);
    void clear_up_after_restart();
    [[nodiscard]] TimePoint daemon_now() const { return now_ + clock_offset_; }
    [[nodiscard]] bool has_room() const { return !is_disk_full_; }

    // What the daemon does.
    void work();
    void note_imports();
    void deliver();
    void attempt(const service::SendOrder& order);
    void settle(UnderWay attempt);
    void answer_late();
    void answer_again();
    void answer_to_former(DeliveryId delivery);
    void answer_in_vain(const UnderWay& attempt);

    // What people do.
    void publish();
    void reconfigure();
    void load_configuration();
    void operate();
    void act(const Person& person);
    void act_on(const Person& person, const store::Review& review, Date today);
    void hold(const Person& person, const store::Review& review, Date today);
    void change_mind(const Person& person, const store::Review& review, Date today);
    void reopen_something(const Person& person, Date today);
    void type_nonsense(const store::Review& review, Date today);
    void change(
        const std::string& what,
        const store::Review& before,
        const std::function<Result<store::Review>()>& change,
        const std::function<void(const store::Review& after)>& apply
    );
    void look();

    // What is done with leave and with whole portfolios.
    void manage();
    void go_on_leave();
    void come_back_sooner();
    void told(const AskedLeave& asked);
    void check_leave();
    void hand_over();
    void hand_over_one(const std::string& account, const std::string& to);
    void hand_over_all(const std::string& from, const std::string& to);
    void merge_two();
    [[nodiscard]] std::optional<store::Review> open_review(const std::string& account);

    const Plan plan_;
    FaultPlan faults_;
    Company company_;
    Machine machine_;
    Model model_;
    Peers peers_;
    Checker checker_;
    Trace trace_;
    Random fate_;  ///< when faults strike
    Random moods_; ///< what people do
    Random affairs_;
    Random echoes_; ///< which answers come twice
    std::map<std::string, std::int64_t> happened_;
    std::optional<Violation> violation_;

    TimePoint now_{};
    std::chrono::milliseconds clock_offset_{0};
    std::optional<TimePoint> wake_; ///< true time
    std::multimap<TimePoint, Event> events_;
    std::vector<UnderWay> under_way_;
    std::vector<UnderWay> answered_; ///< attempts whose answer comes once more
    std::vector<UnderWay> orphans_;  ///< of processes that ended before the answer came
    std::optional<UnderWay> current_;
    std::optional<Unanswered> unanswered_;
    std::optional<AskedLeave> asked_leave_;
    int leave_count_ = 0;
    Export on_file_;                  ///< what the source files say
    int publications_ = 0;            ///< how often they were written
    std::map<std::string, int> told_; ///< of which of these the model knows, by source
    bool are_imports_seen_ = true;
    bool are_reports_old_ = false; ///< the importer works on a decision, and read no file
    bool is_disk_full_ = false;
    bool is_sync_failing_ = false;
    bool is_configuration_loaded_ = true;
    bool is_start_planned_ = false;
    int failed_starts_ = 0;
    Date quiet_from_{};
    Date started_{}; ///< the day of the last start
};

} // namespace reviewd::simulation
