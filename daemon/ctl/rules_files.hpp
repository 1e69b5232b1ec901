#pragma once

#include "scoring/base/result.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace reviewd::ctl {

/// The texts of rules files by their names without folders, as the person who runs reviewctl may
/// read them.
/// @errors `not_found`, `usage` for two files of one name, `bad_data` for one that is too large or
/// no UTF-8
[[nodiscard]] Result<boost::json::object> read_rules_files(const std::vector<std::string>& paths);

struct WrittenRules {
    std::vector<std::string> written;   ///< paths
    std::vector<std::string> set_aside; ///< the new paths of what stood there before
};

/// Makes a folder hold exactly these rules files. What stands there and differs, or is one more, is
/// kept beside them as NAME.yaml.old (.old2 …), which nothing reads.
/// @param files `[{"name", "text"}]`
/// @errors `cannot_create`, `io_failed`
[[nodiscard]] Result<WrittenRules> write_rules_files(
    const boost::json::array& files, const std::string& folder
);

} // namespace reviewd::ctl
