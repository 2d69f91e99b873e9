public import Primitives
import Synchronization

/// A parsed JSON text: the bytes as they came and a tape of nodes over them.
///
/// Immutable and cheap to copy. Nothing is decoded until it is asked for and nothing is re-encoded,
/// so every digit, unknown member and space stays as it was written.
public struct JSONDocument: Sendable {
  final class Storage: Sendable {
    let bytes: [UInt8]
    let tape: ContiguousArray<JSONNode>
    /// Where a pointer into a long array was worked out last. Pointers are asked for in order, so
    /// going on from there keeps a Bundle of a million faulty entries from taking a million walks.
    let lastElement = Mutex(ElementPlace(array: -1, child: 0, position: 0))

    struct ElementPlace {
      /// Tape index of the array.
      var array: Int
      /// Tape index of the element, and how many stand before it.
      var child: Int
      var position: Int
    }

    init(bytes: [UInt8], tape: ContiguousArray<JSONNode>) {
      self.bytes = bytes
      self.tape = tape
    }
  }

  let storage: Storage

  /// Parses strict RFC 8259 JSON in UTF-8.
  ///
  /// - Throws: `malformed` for anything else, for a member name that stands twice in one object and
  ///   for a byte order mark; `tooLarge` beyond `limits`. The place is a pointer and a byte offset:
  ///   `Bundle.entry[17].resource.code, byte 812`; it starts with `$` where no resource type is known.
  public init(parsing bytes: [UInt8], limits: JSONLimits = .init()) throws(PeerChartError) {
    let limits = limits.clamped
    guard bytes.count <= limits.maximumBytes else {
      let fault = JSONFault(reason: .tooLong, offset: limits.maximumBytes)
      throw PeerChartError(fault.code, fault.text, place: "byte \(fault.offset)")
    }
    let tape = try bytes.withUnsafeBufferPointer { buffer throws(PeerChartError) in
      var parser = JSONParser(ByteView(buffer), limits: limits)
      do throws(JSONFault) {
        try parser.parse()
      } catch {
        throw PeerChartError(error.code, error.text, place: parser.place(of: error))
      }
      return parser.tape
    }
    storage = Storage(bytes: bytes, tape: tape)
  }

  /// The wanted members of an object that was parsed whole before and has not changed since: the others
  /// are passed over, at a fraction of the cost, and for this document do not exist.
  ///
  /// - Throws: `malformed` where the text cannot be such an object.
  init(picking numbers: NumberSet, of text: PickedText) throws(PeerChartError) {
    storage = Storage(bytes: text.bytes, tape: try text.tape(numbers))
  }

  /// The text as it came, with whatever white space surrounds the value.
  public var bytes: [UInt8] { storage.bytes }

  /// The outermost value.
  public var root: JSONValue { JSONValue(storage: storage, index: 0) }
}
