import Foundation

@testable import Parquet

/// Reads uncompressed files of the writer in the plainest way, straight from the specification: what the tests
/// compare the encoders with on machines without another Parquet reader.
enum ReferenceReader {
  /// The rows of each column.
  static func read(_ file: [UInt8]) throws -> [[RowsWriter.Value]] {
    let footer = try footer(of: file)
    return try footer.columns.indices.map { column in
      try footer.metaData.rowGroups.flatMap { try rows(of: $0.columns[column], footer.columns[column], file) }
    }
  }

  static func footer(of file: [UInt8]) throws -> ParquetFooter {
    let length = Int(littleEndian(file[(file.count - 8)..<(file.count - 4)]))
    let start = file.count - 8 - length
    return try ParquetFooter(footer: Array(file[start..<file.count - 8]), at: start)
  }

  /// The data pages of a column chunk: header and body, in order, after the dictionary's values.
  static func pages(
    of chunk: ColumnChunkMetaData, _ file: [UInt8]
  ) throws -> [(header: PageHeader, body: ArraySlice<UInt8>)] {
    var pages: [(PageHeader, ArraySlice<UInt8>)] = []
    var position = Int(chunk.firstPageOffset)
    let end = position + Int(chunk.compressedSize)
    while position < end {
      var reader = ThriftCompactReader(file[position..<end])
      let header = try PageHeader(from: &reader)
      let body = file[reader.position..<reader.position + Int(header.compressedSize)]
      pages.append((header, body))
      position = body.endIndex
    }
    return pages
  }

  private static func rows(
    of chunk: ColumnChunkMetaData, _ column: ParquetFooter.Column, _ file: [UInt8]
  ) throws -> [RowsWriter.Value] {
    var dictionary: [RowsWriter.Value] = []
    var rows: [RowsWriter.Value] = []
    for (header, body) in try pages(of: chunk, file) {
      var body = body
      switch header.content {
      case .dictionary(let header): dictionary = plain(&body, Int(header.valueCount), column)
      case .data(let header):
        let size = Int(littleEndian(body.prefix(4)))
        let levels = hybrid(body.dropFirst(4).prefix(size), width: 1, count: Int(header.valueCount))
        body = body.dropFirst(4 + size)
        let count = levels.count { $0 == 1 }
        var values: [RowsWriter.Value]
        switch header.encoding {
        case .plain: values = plain(&body, count, column)
        case .rleDictionary:
          let width = Int(body.removeFirst())
          values = hybrid(body, width: width, count: count).map { dictionary[Int($0)] }
        case .deltaBinaryPacked: values = delta(&body).map { value(column, $0) }
        case .deltaLengthByteArray:
          values = delta(&body).map { length in
            defer { body = body.dropFirst(Int(length)) }
            return .text(String(decoding: body.prefix(Int(length)), as: UTF8.self))
          }
        default: throw ParquetError.unsupported("\(header.encoding)")
        }
        guard values.count == count else {
          throw ParquetError.malformed("\(values.count) values, not \(count)")
        }
        values.reverse()
        rows += levels.map { $0 == 1 ? values.removeLast() : .null }
      default: throw ParquetError.unsupported("a page of another type")
      }
    }
    return rows
  }

  private static func value(_ column: ParquetFooter.Column, _ number: Int64) -> RowsWriter.Value {
    column.valueType == .timestampMicros ? .timestampMicros(number) : .int64(number)
  }

  private static func plain(
    _ body: inout ArraySlice<UInt8>, _ count: Int, _ column: ParquetFooter.Column
  ) -> [RowsWriter.Value] {
    if column.physicalType == .boolean {
      return (0..<count).map { .boolean(body[body.startIndex + $0 / 8] >> UInt8($0 % 8) & 1 == 1) }
    }
    return (0..<count).map { _ in
      let size = column.physicalType == .int64 ? 8 : Int(littleEndian(body.prefix(4)))
      if column.physicalType == .byteArray { body = body.dropFirst(4) }
      defer { body = body.dropFirst(size) }
      return column.physicalType == .int64
        ? value(column, Int64(bitPattern: littleEndian(body.prefix(8))))
        : .text(String(decoding: body.prefix(size), as: UTF8.self))
    }
  }

  /// The RLE and bit-packing hybrid.
  static func hybrid(_ bytes: ArraySlice<UInt8>, width: Int, count: Int) -> [UInt64] {
    var bytes = bytes
    var numbers: [UInt64] = []
    while numbers.count < count {
      let header = varint(&bytes)
      if header & 1 == 0 {
        let size = (width + 7) / 8
        numbers += Array(repeating: littleEndian(bytes.prefix(size)), count: Int(header >> 1))
        bytes = bytes.dropFirst(size)
      } else {
        let size = Int(header >> 1) * width
        numbers += unpack(bytes.prefix(size), width: width, count: Int(header >> 1) * 8)
        bytes = bytes.dropFirst(size)
      }
    }
    return Array(numbers.prefix(count))
  }

  /// DELTA_BINARY_PACKED; `bytes` is left after it.
  static func delta(_ bytes: inout ArraySlice<UInt8>) -> [Int64] {
    let blockSize = Int(varint(&bytes))
    let miniblocks = Int(varint(&bytes))
    let count = Int(varint(&bytes))
    var values = [zigZag(&bytes)]
    while values.count < count {
      let smallest = zigZag(&bytes)
      let widths = bytes.prefix(miniblocks)
      bytes = bytes.dropFirst(miniblocks)
      for width in widths where values.count < count {
        let size = blockSize / miniblocks * Int(width) / 8
        for delta in unpack(bytes.prefix(size), width: Int(width), count: blockSize / miniblocks)
        where values.count < count {
          values.append(values.last! &+ smallest &+ Int64(bitPattern: delta))
        }
        bytes = bytes.dropFirst(size)
      }
    }
    return Array(values.prefix(count))
  }

  private static func unpack(_ bytes: ArraySlice<UInt8>, width: Int, count: Int) -> [UInt64] {
    (0..<count).map { index in
      (0..<width).reduce(0) { number, bit in
        let place = index * width + bit
        return number | UInt64(bytes[bytes.startIndex + place / 8] >> UInt8(place % 8) & 1) << UInt64(bit)
      }
    }
  }

  private static func zigZag(_ bytes: inout ArraySlice<UInt8>) -> Int64 {
    let value = varint(&bytes)
    return Int64(bitPattern: value >> 1) ^ -Int64(value & 1)
  }

  private static func varint(_ bytes: inout ArraySlice<UInt8>) -> UInt64 {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = bytes.removeFirst()
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  private static func littleEndian(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }
}
