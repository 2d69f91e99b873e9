import FHIR
public import Primitives

/// What a link leads to: its files, each in the manifest or at an address of its own.
public struct HealthLinkManifest: Sendable {
  /// Largest manifest in bytes.
  public static let maximumBytes = 64 << 20
  /// The most files in one.
  public static let maximumFiles = 64

  /// One file.
  public struct File: Sendable {
    /// Where the sealed file is.
    public enum Place: Sendable {
      case embedded(String)
      case location(String)
    }

    public let contentType: String
    public let place: Place

    public init(contentType: String, place: Place) {
      self.contentType = contentType
      self.place = place
    }
  }

  public let files: [File]
  /// Whether the files may change.
  public let canChange: Bool

  public init(files: [File], canChange: Bool = false) {
    self.files = files
    self.canChange = canChange
  }

  /// Reads a manifest.
  ///
  /// - Throws: `malformed` or `tooLarge`.
  public init(parsing bytes: [UInt8]) throws(PeerChartError) {
    let root = try JSONDocument(
      parsing: bytes,
      limits: JSONLimits(
        maximumBytes: Self.maximumBytes, maximumDepth: 64, maximumNodes: 500_000)
    ).root
    let malformed = PeerChartError(.malformed, "a manifest has files, each with its media type")
    guard let list = root["files"], list.kind == .array else { throw malformed }
    guard list.count <= Self.maximumFiles else {
      throw PeerChartError(.tooLarge, "a link leads to more than \(Self.maximumFiles) files")
    }
    var files: [File] = []
    for file in list.elements {
      guard let type = file["contentType"]?.string else { throw malformed }
      if let text = file["embedded"]?.string {
        files.append(File(contentType: type, place: .embedded(text)))
      } else if let address = file["location"]?.string {
        files.append(File(contentType: type, place: .location(address)))
      } else {
        throw malformed
      }
    }
    self.files = files
    canChange = root["status"]?.string == "can-change"
  }

  /// The manifest as text.
  public var serialized: [UInt8] {
    JSONTree.object([
      ("status", .string(canChange ? "can-change" : "finalized")),
      (
        "files",
        .array(
          files.map { file in
            switch file.place {
            case .embedded(let text):
              ["contentType": .string(file.contentType), "embedded": .string(text)]
            case .location(let address):
              ["contentType": .string(file.contentType), "location": .string(address)]
            }
          })
      ),
    ]).serialized()
  }
}

/// What whoever opens a link sends for its manifest.
public struct HealthLinkRequest: Sendable {
  /// Largest request in bytes.
  public static let maximumBytes = 16 << 10
  private static let maximumRecipient = 200
  private static let maximumPasscode = 200

  /// Who says to ask. Nobody has checked it.
  public let recipient: String
  public let passcode: Redacted<String>?
  /// The longest file that shall stand in the manifest; nil: any.
  public let embeddedLimit: Int?

  public init(
    recipient: String, passcode: Redacted<String>? = nil, embeddedLimit: Int? = nil
  ) throws(PeerChartError) {
    guard !recipient.isEmpty, recipient.utf8.count <= Self.maximumRecipient else {
      throw PeerChartError(
        .invalid, "a recipient has 1 to \(Self.maximumRecipient) bytes", place: "recipient")
    }
    guard (passcode?.exposed.utf8.count ?? 0) <= Self.maximumPasscode else {
      throw PeerChartError(.invalid, "a passcode is too long", place: "passcode")
    }
    self.recipient = recipient
    self.passcode = passcode
    self.embeddedLimit = embeddedLimit
  }

  /// Reads a request.
  ///
  /// - Throws: `malformed`, `invalid` or `tooLarge`.
  public init(parsing bytes: [UInt8]) throws(PeerChartError) {
    let root = try JSONDocument(
      parsing: bytes,
      limits: JSONLimits(maximumBytes: Self.maximumBytes, maximumDepth: 8, maximumNodes: 256)
    ).root
    guard let recipient = root["recipient"]?.string else {
      throw PeerChartError(.malformed, "the request names its recipient", place: "recipient")
    }
    if let passcode = root["passcode"], passcode.string == nil {
      throw PeerChartError(.malformed, "a passcode is a text", place: "passcode")
    }
    let limit = root["embeddedLengthMax"]?.numberLiteral.flatMap { Int($0) }
    if root["embeddedLengthMax"] != nil, limit.map({ $0 < 0 }) ?? true {
      throw PeerChartError(.malformed, "a length is a whole number", place: "embeddedLengthMax")
    }
    try self.init(
      recipient: recipient, passcode: root["passcode"]?.string.map { Redacted($0) },
      embeddedLimit: limit)
  }

  /// The request as text.
  public var serialized: Redacted<[UInt8]> {
    var members: [(String, JSONTree)] = [("recipient", .string(recipient))]
    if let passcode { members.append(("passcode", .string(passcode.exposed))) }
    if let embeddedLimit {
      members.append(("embeddedLengthMax", .number(String(embeddedLimit))))
    }
    return Redacted(JSONTree.object(members).serialized())
  }
}
