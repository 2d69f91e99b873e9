import Primitives

/// What the parser found wrong, before the place is worked out.
struct JSONFault: Error {
  enum Reason {
    case endsEarly, unexpectedByte, controlCharacter, invalidEscape, loneSurrogate, invalidUTF8
    case invalidNumber, invalidLiteral, duplicateName, trailingBytes, byteOrderMark
    case tooLong, tooDeep, tooManyNodes
  }

  let reason: Reason
  let offset: Int

  var code: PeerChartError.Code {
    switch reason {
    case .tooLong, .tooDeep, .tooManyNodes: .tooLarge
    default: .malformed
    }
  }

  /// Never quotes the input.
  var text: String {
    switch reason {
    case .endsEarly: "the JSON text ends early"
    case .unexpectedByte: "a byte that JSON does not allow here"
    case .controlCharacter: "a control character inside a string"
    case .invalidEscape: "an escape that JSON does not know"
    case .loneSurrogate: "half of a surrogate pair"
    case .invalidUTF8: "bytes that are not UTF-8"
    case .invalidNumber: "a number that JSON does not allow"
    case .invalidLiteral: "a word other than true, false and null"
    case .duplicateName: "a member name stands twice in one object"
    case .trailingBytes: "bytes follow the end of the JSON text"
    case .byteOrderMark: "the text begins with a byte order mark"
    case .tooLong: "the JSON text is longer than is allowed"
    case .tooDeep: "objects and arrays are nested deeper than is allowed"
    case .tooManyNodes: "the JSON text has more values than are allowed"
    }
  }
}
