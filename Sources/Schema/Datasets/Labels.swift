// What the dump of labels becomes.

extension Dataset {
  /// `labels_v10`
  public static let labels = Dataset(
    "labels_v10", table: "labels_ref_v10", from: .dump(.labels), rows: .record, required: true,
    "One row for each label or other company. Several values are joined with a comma and a blank.",
    columns: [
      Column("label_id", .bigint, .recordID, nulls: .never, "The label's id."),
      Column(
        "name", .first("name"), nulls: .atMost(0.01), lookedUp: true,
        "The label's name; a number in brackets tells namesakes apart."),
      Column("profile", .first("profile"), "A description, in the site's markup."),
      Column("contact_info", .first("contactinfo"), "Addresses and the like, as free text."),
      Column("data_quality", .first("data_quality"), "How far the entry was checked, such as Correct."),
      Column(
        "parent_label_id", .bigint, .numberNotZero("parentLabel/@id"), nulls: .reported,
        references: .labels(.loose), lookedUp: true, "The label that it belongs to."),
      Column("parent_label_name", .first("parentLabel"), "That label's name."),
      Column("urls_csv", .joined("urls/url"), "Web pages, joined."),
      Column(
        "sublabel_ids_csv", .joinedIDs(["sublabels/label/@id", "label/@id"], by: ", "),
        "Ids of the labels that belong to it, joined."),
      Column(
        "sublabel_names_csv", .joined(["sublabels/label/.", "label/."], by: ", "),
        "Names of the labels that belong to it, joined."),
    ])

  /// `label_urls_v1_typed`
  public static let labelURLs = texts(
    "label_urls_v1_typed", of: .labels, at: "urls/url", "url",
    "One row for each web page of a label, in the order of the record.", "Which page of the label, from 1.",
    "The page's address, as it was entered.")

  /// `label_sublabel_links_v1_typed`
  public static let labelSublabelLinks = Dataset(
    "label_sublabel_links_v1_typed", from: .labels, rows: ["sublabels/label", "label"], detail: true,
    "One row for each label that belongs to a label, in the order of the record.",
    columns: [
      .of(.labels), .position("Which sublabel of the label, from 1."),
      Column(
        "sublabel_id", .bigint, .numberNotZero("@id"), nulls: .reported, references: .labels(.loose),
        lookedUp: true, "The label that belongs to it."),
      Column("sublabel_name", .first("."), nulls: .atMost(0.01), "That label's name."),
    ])

  /// `label_images_v1_typed`
  public static let labelImages = images(of: .labels)
}
