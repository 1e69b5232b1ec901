#pragma once

#include <string>
#include <string_view>

namespace reviewd {

/// What amounts are shown in.
struct Currency {
    std::string code;     ///< ISO 4217: "EUR"
    int minor_digits = 2; ///< decimal places, 0 … 4
};

/// Decimal places of a currency by ISO 4217: 2 unless it is known to have none or three.
[[nodiscard]] constexpr int usual_minor_digits(std::string_view currency) {
    for (const std::string_view none :
         {"JPY", "KRW", "VND", "CLP", "ISK", "PYG", "UGX", "XAF", "XOF", "XPF", "RWF", "VUV"}) {
        if (currency == none) {
            return 0;
        }
    }
    for (const std::string_view three : {"KWD", "BHD", "OMR", "JOD", "TND", "IQD", "LYD"}) {
        if (currency == three) {
            return 3;
        }
    }
    return 2;
}

} // namespace reviewd
