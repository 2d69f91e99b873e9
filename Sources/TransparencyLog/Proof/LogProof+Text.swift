public import Primitives

/// The text form: header, optional `extra`, `index`, one hash a line, blank line, checkpoint.
extension LogProof {
  public var bytes: [UInt8] {
    var head = Self.header + "\n"
    if let extra { head += "extra \(Base64.encode(extra))\n" }
    head += "index \(index)\n"
    for hash in path { head += hash.base64 + "\n" }
    return Array((head + "\n").utf8) + checkpoint.bytes
  }

  /// Parses strictly: what it accepts, `bytes` gives back unchanged. Checks no signature and no
  /// path. Throws `tooLarge` or `malformed` with the line at fault.
  public init(parsing input: some Collection<UInt8>) throws(PeerChartError) {
    guard input.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "a proof is longer than \(Self.maximumLength) bytes")
    }
    var lines = TextLines(rest: Array(input)[...])
    guard lines.next()?.elementsEqual(Self.header.utf8) == true else {
      throw PeerChartError(.malformed, "this is not a tlog-proof of version 1", place: "line 1")
    }
    var line = lines.next()
    var extra: [UInt8]?
    if let text = line?.value(of: "extra ") {
      guard let bytes = Base64.decode(Substring(decoding: text, as: UTF8.self)),
        (1...Self.maximumExtra).contains(bytes.count)
      else { throw lines.malformed("the extra data is not base64 or too long") }
      extra = bytes
      line = lines.next()
    }
    guard let digits = line?.value(of: "index "), let index = Decimal.parse(digits) else {
      throw lines.malformed("there is no index in its one form")
    }
    var path: [Hash] = []
    while true {
      guard let line = lines.next() else { throw lines.malformed("the checkpoint is missing") }
      if line.isEmpty { break }
      guard path.count < 63, let hash = Hash(base64: Substring(decoding: line, as: UTF8.self))
      else { throw lines.malformed("this is not a hash in base64, or there are too many") }
      path.append(hash)
    }
    let checkpoint = try SignedCheckpoint(parsing: lines.rest)
    self.init(extra: extra, index: index, path: path, checkpoint: checkpoint)
  }
}
