#include "scoring/engine/columnar/program.hpp"

#include "scoring/base/assert.hpp"
#include "scoring/engine/columnar/column.hpp"
#include "scoring/engine/columnar/program_content.hpp"

#include <algorithm>

namespace reviewd::engine::columnar {
namespace {

/// Where the values of a program are, chunk by chunk.
class Values {
public:
    Values(const Code& code, const FactColumns& columns)
        : code_(code),
          columns_(columns),
          scratch_(code.scratch_bytes),
          pointers_(code.values.size()) {
        for (std::size_t value = 0; value < code.values.size(); ++value) {
            pointers_[value] = scratch_.data() + code.values[value].offset;
        }
    }

    std::byte* const* at(std::size_t row) {
        for (const std::uint32_t value : code_.column_values) {
            const Code::Location& location = code_.values[value];
            const Column& column = columns_.columns()[location.slot];
            const auto* begin = location.place == Code::Place::cells
                                    ? static_cast<const void*>(column.cells.data())
                                    : static_cast<const void*>(column.known.data());
            // Kernels read columns and write registers, through the same kind of pointer.
            pointers_[value] =
                static_cast<std::byte*>(const_cast<void*>(begin)) + row * location.width;
        }
        return pointers_.data();
    }

private:
    const Code& code_;
    const FactColumns& columns_;
    std::vector<std::byte> scratch_;
    std::vector<std::byte*> pointers_;
};

/// Runs the program over each chunk of the range; `prepare` says where the results go.
template <class Prepare>
void run(const Program& program, const FactColumns& columns, RowRange range, Prepare prepare) {
    REVIEWD_ASSERT(program.fits(columns));
    REVIEWD_ASSERT(range.begin % chunk_rows == 0 && range.end <= columns.rows());
    const Code& code = program.content().code;
    Values values{code, columns};
    for (std::size_t row = range.begin; row < range.end; row += chunk_rows) {
        Frame frame;
        frame.values = values.at(row);
        frame.columns = &columns;
        frame.first_row = row;
        prepare(frame);
        for (const Instruction& instruction : code.instructions) {
            instruction.run(instruction, frame);
        }
    }
}

} // namespace

void ScoreColumns::resize(std::size_t rows) {
    points.resize(padded(rows));
    levels.resize(padded(rows));
    is_judged.resize(padded(rows));
}

void SumColumns::resize(std::size_t rows, std::size_t group_count) {
    sums.resize(group_count + 1);
    for (std::vector<std::int64_t>& one : sums) {
        one.resize(padded(rows));
    }
}

Program::Program(std::shared_ptr<const Content> content) : content_(std::move(content)) {}

const std::vector<Fallback>& Program::fallbacks() const {
    return content_->fallbacks;
}

bool Program::fits(const FactColumns& columns) const {
    const auto& revisions = content_->revisions;
    return std::all_of(revisions.begin(), revisions.end(), [&](const auto& known) {
        return known.first < columns.columns().size()
               && known.second == columns.revision(known.first);
    });
}

std::size_t Program::instruction_count() const {
    return content_->code.instructions.size();
}

void evaluate(
    const Program& program, const FactColumns& columns, RowRange range, ScoreColumns& scores
) {
    const bool is_one_chunk = scores.points.size() == chunk_rows;
    REVIEWD_ASSERT(is_one_chunk || scores.points.size() >= padded(range.end));
    run(program, columns, range, [&](Frame& frame) {
        const std::size_t place = is_one_chunk ? 0 : frame.first_row;
        frame.points = scores.points.data() + place;
        frame.levels = scores.levels.data() + place;
        frame.is_judged = scores.is_judged.data() + place;
        std::fill_n(frame.is_judged, chunk_rows, std::uint8_t{0xFF});
    });
}

void evaluate_sums(
    const Program& program, const FactColumns& columns, RowRange range, SumColumns& sums
) {
    std::vector<std::int64_t*> outputs(sums.sums.size());
    run(program, columns, range, [&](Frame& frame) {
        for (std::size_t i = 0; i < outputs.size(); ++i) {
            const bool is_one_chunk = sums.sums[i].size() == chunk_rows;
            outputs[i] = sums.sums[i].data() + (is_one_chunk ? 0 : frame.first_row);
        }
        frame.sums = outputs.data();
    });
}

} // namespace reviewd::engine::columnar
