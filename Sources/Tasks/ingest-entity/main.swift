import Dump
import Rows
import Schema
final class Sink: RecordSink { var n = 0; func take(_ f: UnsafeBufferPointer<Field>) -> String? { n += f.count; return nil } }
let path = CommandLine.arguments[2]
let e = Entity(rawValue: CommandLine.arguments[1])!
let v = e.vocabulary
let c = try ChunkReader(path: path, vocabulary: v)
let d = DocumentReader(v, usesScanner: CommandLine.arguments.count < 4)
var pos = DocumentPosition.beforeRoot
let s = Sink()
var bytes = 0
while let k = try c.next() {
  let n = try d.read(k.input, position: &pos, into: s)
  if n != k.count { print("left", n, k.count) }
  bytes += k.count
}
print(bytes, s.n, d.recordCount, d.rejects.count, d.drift, c.finishHash())
for r in d.rejects.prefix(3) { print(r) }
