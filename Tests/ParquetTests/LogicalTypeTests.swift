import Testing

@testable import Parquet

@Suite struct LogicalTypeTests {
  @Test(arguments: [
    LogicalType.string, .timestamp(isAdjustedToUTC: false, unit: .micros),
    .integer(bitWidth: 64, isSigned: true),
    .integer(bitWidth: 8, isSigned: false), .other(6),
  ])
  func whatIsWrittenIsRead(type: LogicalType) throws {
    var writer = ThriftCompactWriter()
    writer.write(type)
    var reader = ThriftCompactReader(writer.bytes[...])
    #expect(try LogicalType(from: &reader) == type)
  }

  /// Trino says of each BIGINT that it is one.
  @Test func anAnnotatedIntegerIsWhatItSays() {
    func type(_ physical: PhysicalType, _ logical: LogicalType?) -> SchemaColumn.ValueType? {
      ParquetFooter.Column(name: "a", physicalType: physical, logicalType: logical, isOptional: true)
        .valueType
    }
    #expect(type(.int64, nil) == .int64)
    #expect(type(.int64, .integer(bitWidth: 64, isSigned: true)) == .int64)
    #expect(type(.int64, .integer(bitWidth: 64, isSigned: false)) == nil)
    #expect(type(.int32, .integer(bitWidth: 32, isSigned: true)) == nil)
  }
}
