/// The footer of a Parquet file (`FileMetaData`).
struct FileMetaData: ThriftStructure {
  var version: Int32
  /// The tree of the schema in depth-first order, its root first.
  var schema: [SchemaElement]
  var rowCount: Int64
  var rowGroups: [RowGroup]
  var keyValueMetadata: [KeyValue]?
  var createdBy: String?
  /// How the columns' minima and maxima are ordered; one for each column.
  var columnOrders: [ColumnOrder]?

  init(
    schema: [SchemaElement], rowCount: Int64, rowGroups: [RowGroup], keyValueMetadata: [KeyValue]?,
    createdBy: String
  ) {
    // Version 2 of the format: pages may use the delta encodings.
    version = 2
    self.schema = schema
    self.rowCount = rowCount
    self.rowGroups = rowGroups
    self.keyValueMetadata = keyValueMetadata
    self.createdBy = createdBy
    columnOrders = schema.dropFirst().map { _ in ColumnOrder() }
  }

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(1, version)
    writer.field(2, schema)
    writer.field(3, rowCount)
    writer.field(4, rowGroups)
    writer.field(5, keyValueMetadata)
    writer.field(6, createdBy)
    writer.field(7, columnOrders)
  }

  init(from reader: inout ThriftCompactReader) throws {
    var version: Int32?
    var schema: [SchemaElement]?
    var rowCount: Int64?
    var rowGroups: [RowGroup]?
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: version = try reader.int32(value)
      case 2: schema = try reader.list(value) { try $1.structure($0) }
      case 3: rowCount = try reader.int64(value)
      case 4: rowGroups = try reader.list(value) { try $1.structure($0) }
      case 5: keyValueMetadata = try reader.list(value) { try $1.structure($0) }
      case 6: createdBy = try reader.string(value)
      case 7: columnOrders = try reader.list(value) { try $1.structure($0) }
      default: break
      }
    }
    self.version = try reader.required(version, "version")
    self.schema = try reader.required(schema, "schema")
    self.rowCount = try reader.required(rowCount, "number of rows")
    self.rowGroups = try reader.required(rowGroups, "row groups")
  }
}

/// A text that the file carries with it (`KeyValue`).
struct KeyValue: ThriftStructure {
  var key: String
  var value: String?

  init(key: String, value: String?) {
    self.key = key
    self.value = value
  }

  func write(to writer: inout ThriftCompactWriter) {
    writer.field(1, key)
    writer.field(2, value)
  }

  init(from reader: inout ThriftCompactReader) throws {
    var key: String?
    try reader.beginStructure()
    while let (id, value) = try reader.nextField() {
      switch id {
      case 1: key = try reader.string(value)
      case 2: self.value = try reader.string(value)
      default: break
      }
    }
    self.key = try reader.required(key, "key of key-value metadata")
  }
}

/// The order of a column's minima and maxima (`ColumnOrder`, a union): that of its type, the only one there is.
struct ColumnOrder: ThriftStructure {
  init() {}
  func write(to writer: inout ThriftCompactWriter) { writer.emptyStructure(1) }
  init(from reader: inout ThriftCompactReader) throws {
    try reader.beginStructure()
    while let (_, _) = try reader.nextField() {}
  }
}
