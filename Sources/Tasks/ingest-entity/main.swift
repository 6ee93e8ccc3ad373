import Dump
import Rows
import Schema
let path = CommandLine.arguments[2]
let e = Entity(rawValue: CommandLine.arguments[1])!
let v = e.vocabulary
let c = try ChunkReader(path: path, vocabulary: v)
let d = DocumentReader(v, usesScanner: CommandLine.arguments.count < 4)
var pos = DocumentPosition.beforeRoot
let s = EntityRows.of(e)
var bytes = 0, rows = s.batches.map { _ in 0 }
while let k = try c.next() {
  let n = try d.read(k.input, position: &pos, into: s)
  if n != k.count { print("left", n, k.count) }
  bytes += k.count
  for (i, b) in s.batches.enumerated() { rows[i] += b.count }
  s.removeAll()
}
print(bytes, rows, d.recordCount, d.rejects.count, d.drift, c.finishHash())
