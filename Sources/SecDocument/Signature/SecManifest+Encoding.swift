import Primitives

extension SecManifest {
  /// The last millisecond of the year 9999.
  private static let lastInstant: Int64 = 253_402_300_799_999

  /// The one byte form. Throws `sec-manifest` when a member breaks the rules.
  func encoded() throws -> [UInt8] {
    var members = ManifestMembers()
    members.set(.version, integer: SecFormat.version)
    members[.documentID] = documentID
    members[.issuer] = issuer.bytes
    members[.signingKey] = signingKey
    members[.postQuantumSigningKey] = postQuantumSigningKey
    members[.subject] = subject.map { Array($0.utf8) }
    members[.typeCode] = documentType.map { Array($0.code.utf8) }
    members[.typeDisplay] = documentType.map { Array($0.display.utf8) }
    members[.mediaType] = Array(mediaType.utf8)
    members.set(.created, integer: created.millisecondsSinceEpoch)
    members.set(.contentLength, integer: contentLength)
    members[.contentDigest] = contentDigest
    members[.predecessor] = predecessor?.bytes
    members[.headerDigest] = headerDigest
    let bytes = try members.encoded()
    // Writer and reader share one set of rules: what is written is read back first.
    _ = try SecManifest(encoded: bytes)
    return bytes
  }

  /// Parses strictly; throws `sec-manifest`.
  init(encoded bytes: [UInt8]) throws {
    let members = try ManifestMembers(bytes: bytes)
    guard try members.integer(.version, UInt16.self) == SecFormat.version else {
      throw ManifestMember.version.error("the manifest has an unknown version")
    }
    documentID = try members.required(.documentID)
    guard let issuer = NodeID(bytes: try members.required(.issuer)) else {
      throw ManifestMember.issuer.error("the issuer is malformed")
    }
    self.issuer = issuer
    signingKey = try members.required(.signingKey)
    postQuantumSigningKey = members[.postQuantumSigningKey]
    subject = try members.text(.subject)
    documentType = try Self.documentType(members)
    mediaType = try Self.mediaType(members)
    let created = try members.integer(.created, Int64.self)
    guard (0...Self.lastInstant).contains(created) else {
      throw ManifestMember.created.error("the time is out of range")
    }
    self.created = Instant(millisecondsSinceEpoch: created)
    contentLength = try members.integer(.contentLength, UInt64.self)
    guard contentLength <= SecFormat.contentLimit else {
      throw ManifestMember.contentLength.error("the content is too long")
    }
    contentDigest = try members.required(.contentDigest)
    predecessor = members[.predecessor].flatMap(DocumentDigest.init(bytes:))
    headerDigest = try members.required(.headerDigest)
  }

  /// Code and display come together; the code is one to seven digits, a hyphen, a check digit.
  private static func documentType(_ members: ManifestMembers) throws -> SecDocumentType? {
    switch (try members.text(.typeCode), try members.text(.typeDisplay)) {
    case (nil, nil): return nil
    case (let code?, let display?):
      let isDigit = { (byte: UInt8) in (48...57).contains(byte) }
      guard code.utf8.last.map(isDigit) == true, code.utf8.dropLast().last == 45,
        code.utf8.dropLast(2).allSatisfy(isDigit)
      else { throw ManifestMember.typeCode.error("this is not a LOINC code") }
      return SecDocumentType(code: code, display: display)
    default: throw ManifestMember.typeCode.error("LOINC code and display come together")
    }
  }

  /// Printable ASCII with one type, one slash, and something behind it.
  private static func mediaType(_ members: ManifestMembers) throws -> String {
    let bytes = try members.required(.mediaType)
    guard bytes.allSatisfy({ (0x20...0x7E).contains($0) }), let slash = bytes.firstIndex(of: 47),
      slash > 0, slash < bytes.count - 1
    else { throw ManifestMember.mediaType.error("this is not a media type") }
    return String(decoding: bytes, as: UTF8.self)
  }
}
