//! The reading order of a page whose content jumps about.
//!
//! Most programs draw a page in the order in which it is read, and their order is better than any guess from positions. Some
//! draw boxes in the order in which they were made. Where the content goes up the page again and again, the page is cut
//! along its white space, first between columns, then between what stands above each other (the XY-cut of Nagy and Seth,
//! 1984).

use super::Rect;

/// More groups than this are left as they are: each may be cut from the others one by one.
const MOST_GROUPS: usize = 400;
/// Jumps that a page has at least. Headers and footers are often drawn last.
const FEWEST_JUMPS: usize = 3;
/// Share of the page's text that is jumped to, at least. The labels of a diagram stand in any order, and are few.
const JUMPING_SHARE: f32 = 0.4;
/// White space that parts columns, in heights of a line.
const GUTTER: f32 = 0.8;
/// A step down beyond this, in heights of a line, parts groups.
const GROUP_STEP: f32 = 1.5;

/// Lines drawn one after the other that stand together.
struct Group {
    lines: std::ops::Range<usize>,
    bounds: Rect,
    /// How long its lines are, all together.
    length: f32,
}

/// The order in which to read the lines with these bounds, where it is not the one that they are in.
pub(super) fn reading_order(lines: &[Rect]) -> Option<Vec<usize>> {
    let groups = groups(lines);
    if groups.len() > MOST_GROUPS {
        return None;
    }
    let jumps = groups.windows(2).filter_map(|pair| match pair {
        [before, after] if goes_back(&before.bounds, &after.bounds) => Some(after.length),
        _ => None,
    });
    let (count, length) = jumps.fold((0, 0.0), |(count, sum), length| (count + 1, sum + length));
    let all: f32 = groups.iter().map(|group| group.length).sum();
    if count < FEWEST_JUMPS || length < JUMPING_SHARE * all {
        return None;
    }
    let mut heights: Vec<f32> = lines.iter().map(|line| line.bottom - line.top).collect();
    let middle = heights.len() / 2;
    let (_, height, _) = heights.select_nth_unstable_by(middle, f32::total_cmp);
    let gutter = GUTTER * *height;
    let mut order = Vec::with_capacity(lines.len());
    // The parts of the page that are still to be cut, the one to read next on top.
    let mut parts: Vec<Vec<&Group>> = vec![groups.iter().collect()];
    while let Some(part) = parts.pop() {
        let cut = cut(&part, |bounds| bounds.left..bounds.right, gutter)
            .or_else(|| cut(&part, |bounds| bounds.top..bounds.bottom, 0.0));
        match cut {
            Some((first, second)) => parts.extend([second, first]),
            None => order.extend(part.iter().flat_map(|group| group.lines.clone())),
        }
    }
    Some(order)
}

fn groups(lines: &[Rect]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let together = index.checked_sub(1).and_then(|before| lines.get(before));
        let together = together.is_some_and(|before| stand_together(before, line));
        let length = line.right - line.left;
        match groups.last_mut().filter(|_| together) {
            Some(group) => {
                group.lines.end = index + 1;
                group.length += length;
                let bounds = &mut group.bounds;
                bounds.left = bounds.left.min(line.left);
                bounds.right = bounds.right.max(line.right);
                bounds.top = bounds.top.min(line.top);
                bounds.bottom = bounds.bottom.max(line.bottom);
            }
            None => groups.push(Group {
                lines: index..index + 1,
                bounds: *line,
                length,
            }),
        }
    }
    groups
}

/// Whether a line is the next one of a paragraph, or goes on a row of a table.
fn stand_together(before: &Rect, line: &Rect) -> bool {
    let height = line.bottom - line.top;
    let down = line.top - before.top;
    match down.abs() < height / 2.0 {
        true => line.left >= before.right,
        false => (0.0..GROUP_STEP * height).contains(&down) && overlap(before, line),
    }
}

/// Side by side in one column.
fn overlap(a: &Rect, b: &Rect) -> bool {
    a.left < b.right && b.left < a.right
}

/// Whether the second part stands above the first one, but not at the head of the next column.
fn goes_back(before: &Rect, after: &Rect) -> bool {
    after.bottom <= before.top && after.left < before.right
}

/// Cuts a part in two along the widest white space across one direction, if it is wider than `least`.
fn cut<'g>(
    part: &[&'g Group],
    extent: impl Fn(&Rect) -> std::ops::Range<f32>,
    least: f32,
) -> Option<(Vec<&'g Group>, Vec<&'g Group>)> {
    let mut extents: Vec<_> = part.iter().map(|group| extent(&group.bounds)).collect();
    extents.sort_by(|a, b| a.start.total_cmp(&b.start));
    let mut covered = extents.first()?.end;
    let (mut widest, mut at) = (least, None);
    for extent in &extents {
        if extent.start - covered > widest {
            widest = extent.start - covered;
            at = Some(covered);
        }
        covered = covered.max(extent.end);
    }
    let at = at?;
    let (first, second) = part
        .iter()
        .partition(|group| extent(&group.bounds).start < at);
    Some((first, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of height 10 at this column and row; each column is 100 wide with a gutter of 20.
    fn line(column: u8, row: u8) -> Rect {
        let (left, top) = (120.0 * f32::from(column), 12.0 * f32::from(row));
        Rect {
            left,
            top,
            right: left + 100.0,
            bottom: top + 10.0,
        }
    }

    #[test]
    fn columns_one_after_the_other_stay() {
        let lines = [
            (0, 0),
            (0, 1),
            (0, 5),
            (1, 0),
            (1, 1),
            (2, 0),
            (0, 60),
            (1, 60),
        ];
        assert_eq!(reading_order(&lines.map(|(x, y)| line(x, y))), None);
    }

    #[test]
    fn a_page_drawn_from_its_foot_is_read_from_its_head() {
        let lines = [(0, 9), (0, 6), (0, 3), (0, 0)].map(|(x, y)| line(x, y));
        assert_eq!(reading_order(&lines), Some(vec![3, 2, 1, 0]));
    }

    #[test]
    fn labels_of_a_diagram_do_not_move_the_text() {
        let text = (0..40).map(|row| line(0, row));
        let labels = (41..50).rev().map(|row| line(0, row));
        assert_eq!(reading_order(&text.chain(labels).collect::<Vec<_>>()), None);
    }

    #[test]
    fn columns_are_read_before_what_stands_beside_them() {
        let mut title = line(0, 0);
        title.right = 220.0;
        let boxes = [(1, 9), (1, 6), (1, 3), (0, 9), (0, 6), (0, 3)].map(|(x, y)| line(x, y));
        let lines: Vec<Rect> = boxes.into_iter().chain([title]).collect();
        assert_eq!(reading_order(&lines), Some(vec![6, 5, 4, 3, 2, 1, 0]));
    }

    #[test]
    fn rows_are_kept_whole() {
        let rows = [4, 3, 2, 1, 0].map(|row| [line(0, 3 * row), line(1, 3 * row)]);
        let order = reading_order(&rows.concat()).unwrap();
        assert_eq!(order, [8, 9, 6, 7, 4, 5, 2, 3, 0, 1]);
    }
}
