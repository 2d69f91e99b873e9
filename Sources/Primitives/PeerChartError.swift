/// The one error shape of PeerChart: a stable code, a reason for people, and a cause for us.
///
/// The reason never holds health information, keys or tokens: it is logged and sent to callers.
/// `place` says where in the input the fault lies (`Bundle.entry[17].resource.code`, `byte 812`).
public struct PeerChartError: Error, Sendable {
  /// A stable, kebab-case name that tests and programs compare. Modules add theirs by extension.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    public init(_ rawValue: String) { self.rawValue = rawValue }
  }

  public let code: Code
  public let reason: String
  public let place: String?
  public let cause: (any Error)?

  public init(_ code: Code, _ reason: String, place: String? = nil, cause: (any Error)? = nil) {
    self.code = code
    self.reason = reason
    self.place = place
    self.cause = cause
  }
}

extension PeerChartError.Code {
  /// Input that does not follow its format.
  public static let malformed = Self("malformed")
  /// Input beyond a stated bound of size, depth or count.
  public static let tooLarge = Self("too-large")
  /// A well-formed request that asks for something which makes no sense.
  public static let invalid = Self("invalid")
  /// The caller has not shown who they are.
  public static let unauthenticated = Self("unauthenticated")
  /// The caller is known and may not.
  public static let forbidden = Self("forbidden")
  /// No such thing, or nothing the caller may know of.
  public static let notFound = Self("not-found")
  /// It was there and was deleted.
  public static let gone = Self("gone")
  /// The state changed under the caller (a second writer).
  public static let conflict = Self("conflict")
  /// The state is not the one that a condition of the request names (`If-Match`, `If-None-Match`).
  public static let preconditionFailed = Self("precondition-failed")
  /// A condition that must mean one thing means several.
  public static let multipleMatches = Self("multiple-matches")
  /// The answer would cost more than one request may.
  public static let tooCostly = Self("too-costly")
  /// Something that must match to the bit does not: a tag, a signature, a hash.
  public static let integrity = Self("integrity")
  /// Storage or the machine failed; nothing was acknowledged.
  public static let storage = Self("storage")
  /// The other side cannot be reached now.
  public static let unreachable = Self("unreachable")
  /// A data folder or document of a newer version than this program.
  public static let unsupportedVersion = Self("unsupported-version")
  /// This program does not offer it.
  public static let notSupported = Self("not-supported")
}

extension PeerChartError: CustomStringConvertible {
  public var description: String {
    place.map { "\(code.rawValue): \(reason) (at \($0))" } ?? "\(code.rawValue): \(reason)"
  }
}

extension PeerChartError: Equatable {
  public static func == (a: Self, b: Self) -> Bool {
    a.code == b.code && a.reason == b.reason && a.place == b.place
  }
}
