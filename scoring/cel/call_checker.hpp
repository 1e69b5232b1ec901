#pragma once

#include "scoring/cel/findings.hpp"
#include "scoring/cel/functions.hpp"
#include "scoring/cel/scope.hpp"
#include "scoring/cel/signature.hpp"

#include <optional>
#include <string>
#include <vector>

namespace reviewd::cel {

/// Checks calls and operators against the table of functions.
class CallChecker {
public:
    /// Both must outlive it.
    CallChecker(Findings& findings, const Scope& scope);

    /// Whether the first argument stands before the name: value.name(…).
    enum class Form { function, method };

    [[nodiscard]] Widening widening() const { return widening_; }

    /// Finds the function of a call whose children are not checked yet, so that the receiver of
    /// `math.greatest(…)` can be taken for the part of a name that it is. Reports and returns null
    /// if there is none.
    const Function* find(Node& node);

    /// Checks the call of `function` on children that are checked already, and sets its type.
    void check(Node& node, const Function& function);

    /// The type of the result by the signatures that fit, with arguments widened where that was
    /// needed; nothing if none fits.
    std::optional<Type> match_any(
        const Function& function, std::vector<NodePointer>& arguments, Form form
    );

    /// Makes an integer a double where one is wanted, so that every walker of the tree sees the
    /// conversion.
    void widen(NodePointer& node, const Type& wanted);

private:
    void widen_arguments(const Signature& signature, std::vector<NodePointer>& arguments);
    /// `math.greatest(…)` reads like a call on `math`: makes it the qualified function it is, if
    /// there is one.
    const Function* find_qualified(Node& node);
    void fail_unknown_function(Node& node);
    /// Without types only the form is looked at: a function without receiver must not be called on
    /// one.
    void check_form(Node& node);
    [[nodiscard]] std::string first_argument_hint(const Node& node) const;
    void report_arguments(const Node& node);
    /// Names the first wrong argument of a function that has one form only.
    bool report_only_form(const Node& node, const Signature& form);
    [[nodiscard]] static std::string accepted(const std::vector<Signature>& all, Form form);
    /// What can be known of constants before any evaluation: patterns, dates and lengths of time.
    void check_constant_arguments(Node& node);
    void prepare_pattern(Node& node);

    Findings& findings_;
    const Scope& scope_;
    Widening widening_;
};

} // namespace reviewd::cel
