/// What the checks of the sanity reports mean, for people who have not read the code that makes them.
public enum CheckMeaning {
  /// What it means that the check is not ok; nil for a check that is not known here.
  /// - Parameter check: as a report names it, such as `is_present:labels_v10`.
  public static func of(_ check: String) -> String? {
    meanings[String(check.prefix { $0 != ":" })]
  }

  /// By the part of the name that says what is checked.
  static let meanings: [String: String] = [
    // Before promotion, by files.
    "states": "The run has no state files, as those of older lakes: what its tasks did is not known.",
    "task_succeeded":
      "A task that makes part of the run has not finished, so datasets are missing or half-made.",
    "made_from_present_inputs":
      "Something that this task read was made again since: what it made does not fit the rest of the run.",
    "counter": "What a task counted while it worked.",
    "dumps_are_of_one_date": "The four dumps are of different dates: ids of one need not be in the other.",
    "manifest_is_complete": "The manifest lacked something that the state files tell; it was added.",
    "is_present": "The dataset has no folder in the run: queries for it fail.",
    "is_not_empty": "The dataset has no rows: the dump was empty or read wrongly.",
    "files_are_whole": "A Parquet file is damaged: queries that touch it fail, or answer wrongly.",
    "holds_only_parquet": "Other files lie among the data, and engines would read them as data.",
    "files_are_named_for_the_run":
      "A file's name is not one of this run's: it may have been copied in, or left by something else.",
    "schema_is_as_declared": "Columns are missing, of another type or in another order: queries may fail.",
    "counts_equal_the_state":
      "The files hold another number of rows, files or bytes than the task that made them says.",
    "key_is_never_null": "Rows have no id, so nothing can refer to them.",
    "key_in_range": "Ids occur that the other dataset cannot have: the two do not fit together.",
    "positions_have_no_gap":
      "The rows of a record are not numbered from 1 on in their order: some are missing, or there twice.",
    "parents_are_there": "Rows name a track or a format by a number that no row of their release has.",
    "ids_are_unique": "A record is there more than once: its rows count more than once in every query.",
    "shrink":
      "The dataset is smaller than in the previous run, by more than a dump usually loses in a month.",
    // After promotion, by tables.
    "is_registered":
      "The catalog does not show the run's files under this table's name: queries see something else.",
    "has_column": "The table lacks a column that a check wants to look at.",
    "rows": "The table shows no rows.",
    "null_ratio":
      "More rows than usual have nothing in this column: the dump or its reading may have changed.",
    "duplicate_ids": "Several rows have the same id: joins count them more than once.",
    "orphans": "Rows name an id that the other table does not have: joins lose them.",
    "artists_equal_links": "The artists of releases do not follow from the links that they are derived from.",
    "labels_equal_links": "The labels of releases do not follow from the links that they are derived from.",
    "genres_equal_links": "The genres of releases do not follow from the links that they are derived from.",
    "styles_equal_links": "The styles of releases do not follow from the links that they are derived from.",
    "counts_equal_recomputed":
      "The releases counted for labels are not those that the table of labels shows.",
    "genres_equal_details":
      "The genres in the releases' text are not those of the table with a row for each: one of them is wrong.",
    "formats_equal_details":
      "The formats in the releases' text are not those of the table with a row for each: one of them is wrong.",
    "credits_equal_details":
      "The credits in the releases' text are not those of the table with a row for each: one of them is wrong.",
    "identifiers_equal_details":
      "The identifiers in the releases' text are not those of the table with a row for each: one of them is wrong.",
    "genres_in_xref": "Releases with genres in their text have none in the table of genres.",
  ]
}
