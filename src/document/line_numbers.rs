//! The numbers that review copies and drafts print beside their lines.

use super::Rect;

/// A line of a page as this search sees it.
pub(super) struct Beside {
    pub(super) bounds: Rect,
    /// Height of the em in points.
    pub(super) size: f32,
    /// The number that the line is or begins with.
    pub(super) number: Option<Number>,
}

/// A number at the beginning of a line.
pub(super) struct Number {
    pub(super) value: u32,
    /// Where it ends.
    pub(super) right: f32,
    /// Whether the line is nothing else.
    pub(super) alone: bool,
}

/// Numbers of one column begin or end at the same place, within this many points.
const SAME_EDGE: f32 = 1.0;
/// A column has at least this many numbers; where they run into the text as those of a list do, at least so many.
const LEAST: usize = 8;
const LEAST_RUN_IN: usize = 15;
/// Share of the page's lines that numbers which run into the text must have.
const RUN_IN_SHARE: f32 = 0.75;
/// Columns looked at on one page.
const MOST_COLUMNS: usize = 16;
/// Lines of text are at least so wide, in ems; cells of a table seldom are.
const TEXT_WIDTH: f32 = 12.0;

/// For each line of a page whether it is, or begins with, the number of a line: one of a column of equal steps beside
/// lines of text.
pub(super) fn line_numbers(lines: &[Beside]) -> Vec<bool> {
    let mut found = vec![false; lines.len()];
    let left = |at: usize| lines[at].bounds.left;
    let right = |at: usize| lines[at].number.as_ref().map_or(0.0, |number| number.right);
    let mut tries = MOST_COLUMNS;
    columns(lines, right, &mut tries, &mut found);
    columns(lines, left, &mut tries, &mut found);
    found
}

/// Marks the columns of numbers that share an edge.
fn columns(lines: &[Beside], edge: impl Fn(usize) -> f32, tries: &mut usize, found: &mut [bool]) {
    let mut numbered: Vec<usize> = (0..lines.len())
        .filter(|at| lines[*at].number.is_some() && !found[*at])
        .collect();
    if numbered.len() < LEAST {
        return;
    }
    numbered.sort_by(|a, b| edge(*a).total_cmp(&edge(*b)));
    for column in numbered.chunk_by_mut(|a, b| edge(*b) - edge(*a) < SAME_EDGE) {
        column.sort_by(|a, b| lines[*a].bounds.bottom.total_cmp(&lines[*b].bounds.bottom));
        let value = |at: usize| {
            let number = lines[at].number.as_ref();
            number.map_or(0, |number| i64::from(number.value))
        };
        let mut start = 0;
        while start + LEAST <= column.len() {
            let step = value(column[start + 1]) - value(column[start]);
            let same = column[start..]
                .windows(2)
                .take_while(|pair| value(pair[1]) - value(pair[0]) == step)
                .count();
            let run = &column[start..=start + same];
            start += same;
            if step <= 0 || run.len() < LEAST {
                continue;
            }
            if *tries == 0 {
                return;
            }
            *tries -= 1;
            if beside_text(lines, run) {
                run.iter().for_each(|at| found[*at] = true);
            }
        }
    }
}

/// Whether a run of numbers stands beside lines of text, and nothing in its way.
fn beside_text(lines: &[Beside], run: &[usize]) -> bool {
    let alone = |at: usize| lines[at].number.as_ref().is_some_and(|number| number.alone);
    let run_in = run.iter().filter(|at| !alone(**at)).count();
    let texts = || {
        let text = |line: &&Beside| line.number.as_ref().is_none_or(|number| !number.alone);
        lines.iter().filter(text)
    };
    if run_in > 0 {
        let share = RUN_IN_SHARE * texts().count() as f32;
        return run.len() >= LEAST_RUN_IN && run.len() as f32 >= share;
    }
    let (Some(first), Some(last)) = (run.first(), run.last()) else {
        return false;
    };
    let (top, bottom) = (lines[*first].bounds.top, lines[*last].bounds.bottom);
    let (left, right) = run
        .iter()
        .map(|at| lines[*at].bounds)
        .fold((f32::MAX, f32::MIN), |(left, right), bounds| {
            (left.min(bounds.left), right.max(bounds.right))
        });
    let inside = |line: &&Beside| line.bounds.bottom > top && line.bounds.top < bottom;
    let mut rows: Vec<Rect> = Vec::new();
    for line in texts().filter(inside) {
        let bounds = line.bounds;
        if bounds.left < right && bounds.right > left {
            return false;
        }
        if bounds.right - bounds.left >= TEXT_WIDTH * line.size {
            rows.push(bounds);
        }
    }
    rows.sort_by(|a, b| a.bottom.total_cmp(&b.bottom));
    let has_text = |at: &&usize| {
        let bounds = lines[**at].bounds;
        let next = rows.partition_point(|row| row.bottom < bounds.top);
        rows.get(next).is_some_and(|row| row.top < bounds.bottom)
    };
    run.iter().filter(has_text).count() * 2 >= run.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(left: f32, right: f32, row: usize, number: Option<u32>, alone: bool) -> Beside {
        let top = 100.0 + 12.0 * row as f32;
        Beside {
            bounds: Rect {
                left,
                top,
                right,
                bottom: top + 10.0,
            },
            size: 10.0,
            number: number.map(|value| Number {
                value,
                right: if alone { right } else { left + 10.0 },
                alone,
            }),
        }
    }

    /// A page of `rows` lines with a number beside each.
    fn page(rows: usize, text: (f32, f32)) -> Vec<Beside> {
        (0..rows)
            .flat_map(|row| {
                let number = row as u32 + 97;
                let left = if number < 100 { 45.0 } else { 40.0 };
                [
                    line(text.0, text.1, row, None, true),
                    line(left, 55.0, row, Some(number), true),
                ]
            })
            .collect()
    }

    fn count(lines: &[Beside]) -> usize {
        line_numbers(lines).iter().filter(|found| **found).count()
    }

    #[test]
    fn numbers_beside_lines_of_text_are_found() {
        assert_eq!(count(&page(20, (72.0, 500.0))), 20);
    }

    #[test]
    fn numbers_of_rows_are_none() {
        // Cells are short.
        assert_eq!(count(&page(20, (72.0, 100.0))), 0);
        // The table stands within a text.
        let mut lines = page(20, (72.0, 500.0));
        lines.push(line(40.0, 500.0, 10, None, true));
        assert_eq!(count(&lines), 0);
        // A list is short.
        assert_eq!(count(&page(7, (72.0, 500.0))), 0);
    }

    #[test]
    fn numbers_that_run_into_nearly_all_lines_are_found() {
        let run_in = |rows: u32| -> Vec<Beside> {
            (0..rows)
                .map(|row| line(40.0, 500.0, row as usize, Some(row + 1), false))
                .collect()
        };
        assert_eq!(count(&run_in(20)), 20);
        assert_eq!(count(&run_in(14)), 0);
        let mut lines = run_in(20);
        lines.extend((20..40).map(|row| line(40.0, 500.0, row, None, false)));
        assert_eq!(count(&lines), 0);
    }
}
