//! Positioned glyph runs to lines, blocks and columns.
