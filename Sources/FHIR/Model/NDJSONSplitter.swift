public import Primitives

/// Cuts newline-delimited JSON into lines while it arrives, in memory bounded by the longest line.
///
/// Lines end with LF or CR LF; the last may end with the input. Empty lines are passed over.
public struct NDJSONSplitter: Sendable {
  /// One line without its end, and its number in the input from 1.
  public struct Line: Sendable, Equatable {
    /// From 1, empty lines counted.
    public let number: Int
    /// Without LF or CR LF.
    public let bytes: [UInt8]

    /// The resource of the line.
    ///
    /// - Throws: what `Resource` throws, with the line in front of the place:
    ///   `line 17, Patient.name[0], byte 90`, where the byte counts from the start of the line.
    public func resource(limits: JSONLimits = .init()) throws(PeerChartError) -> Resource {
      do {
        return try Resource(parsing: bytes, limits: limits)
      } catch {
        let place = error.place.map { "line \(number), \($0)" } ?? "line \(number)"
        throw PeerChartError(error.code, error.reason, place: place, cause: error.cause)
      }
    }
  }

  /// The longest line taken, in bytes.
  public let maximumLineBytes: Int
  private var pending: [UInt8] = []
  private var number = 1

  /// A splitter that stands at the start of the input.
  public init(maximumLineBytes: Int = 64 << 20) { self.maximumLineBytes = maximumLineBytes }

  /// The lines that `chunk` completes.
  ///
  /// - Throws: `tooLarge` for a line beyond the limit; the splitter is of no use after that.
  public mutating func split(_ chunk: [UInt8]) throws(PeerChartError) -> [Line] {
    var lines: [Line] = []
    var rest = chunk[...]
    while let newline = rest.firstIndex(of: 0x0A) {
      try take(rest[..<newline])
      if let line = endLine() { lines.append(line) }
      rest = rest[(newline + 1)...]
    }
    try take(rest)
    return lines
  }

  /// The last line, where the input does not end with a line end.
  public mutating func finish() -> Line? { endLine() }

  private mutating func take(_ part: ArraySlice<UInt8>) throws(PeerChartError) {
    guard part.count <= maximumLineBytes - pending.count else {
      throw PeerChartError(
        .tooLarge, "a line is longer than \(maximumLineBytes) bytes", place: "line \(number)")
    }
    pending += part
  }

  private mutating func endLine() -> Line? {
    defer {
      pending = []
      number += 1
    }
    if pending.last == 0x0D { pending.removeLast() }
    let isBlank = pending.allSatisfy { $0 == 0x20 || $0 == 0x09 }
    return isBlank ? nil : Line(number: number, bytes: pending)
  }
}
