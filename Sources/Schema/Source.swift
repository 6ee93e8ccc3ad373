/// Where a column's values come from.
///
/// Paths name elements from the row's own element on (of a dataset with a row for each record, from the record on):
/// names between `/`, `@name` for an attribute, `.` for the element's own text. Texts are trimmed, and empty ones count
/// as missing; where several are found and one is wanted, the first in the document counts. `Ingest`'s plan is compiled
/// from these.
public indirect enum Source: Sendable, Hashable {
  /// A script of `build-xref`, or the task that writes the table.
  case computed
  /// The id of the record that the row belongs to.
  case recordID
  /// Which row of the record this is, from 1; where the row's element stands in that of another dataset's row, which
  /// row of that one.
  case ordinal
  /// The `ordinal` of the row whose element this row's element stands in; NULL if there is none.
  case parentOrdinal
  /// A text: of several paths, the first that has one.
  case first([String])
  /// A number: digits alone, up to 2^63 - 1. Anything else is NULL.
  case number(String)
  /// A number in which 0 means that there is none: ids of other records, and years. Of several paths, the first that has
  /// a text.
  case numberNotZero([String])
  /// `true` or `false`; anything else is NULL.
  case flag(String)
  /// Seconds, from `M:SS` or `H:MM:SS`; anything else is NULL.
  case seconds(String)
  /// A part of a date that may be known in part: `YYYY`, `YYYY-MM`, `YYYY-MM-DD`.
  case datePart(DatePart, String)
  /// All texts of the elements of other rows that stand in the row's element, in their order, with a separator between
  /// two. The paths must be values of one dataset's rows.
  case joined([String], by: String)
  /// As `joined`, for ids: those that are 0 are left out.
  case joinedIDs([String], by: String)
  /// The source in the record, not in the row's element.
  case ofRecord(String)
  /// One source for each of the elements that the dataset has rows for.
  case each([Source])
  /// Artists as they are printed: `A & B, C`, of the artists at this path.
  case displayCredit(String)
  /// Credits as one text, `ROLE: NAME; ROLE: NAME`, of the artists at this path.
  case flatCredits(String)
  /// Identifiers as one text, `TYPE [DESCRIPTION] : VALUE; …`, of the elements at this path.
  case flatIdentifiers(String)
  /// What a track is: `index`, `heading` or `track`. It has subtracks, a number or a duration at the other three paths.
  case trackKind(number: String, duration: String)

  /// A part of a date.
  public enum DatePart: Sendable, Hashable { case year, month, day }

  /// A text of one path.
  public static func first(_ path: String) -> Source { .first([path]) }
  /// The id of another record, or a year, of one path.
  public static func numberNotZero(_ path: String) -> Source { .numberNotZero([path]) }
  /// All texts of one path.
  public static func joined(_ path: String, by separator: String = ", ") -> Source {
    .joined([path], by: separator)
  }
  /// All ids of one path that are not 0.
  public static func joinedIDs(_ path: String, by separator: String = ", ") -> Source {
    .joinedIDs([path], by: separator)
  }
}
