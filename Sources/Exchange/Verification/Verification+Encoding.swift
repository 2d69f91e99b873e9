extension Verification: Encodable {
  private enum Member: String, CodingKey {
    case kind, verdict, verified, sentence, digest, issuer, issuerName, subject, documentType,
      mediaType, created, contentLength, since, checks
  }

  /// The members that are known; what is not known is left out.
  public func encode(to encoder: any Encoder) throws {
    var members = encoder.container(keyedBy: Member.self)
    try members.encode(kind, forKey: .kind)
    try members.encode(verdict, forKey: .verdict)
    try members.encode(isVerified, forKey: .verified)
    try members.encode(sentence, forKey: .sentence)
    try members.encodeIfPresent(digest, forKey: .digest)
    try members.encodeIfPresent(issuer, forKey: .issuer)
    try members.encodeIfPresent(issuerName, forKey: .issuerName)
    try members.encodeIfPresent(subject, forKey: .subject)
    try members.encodeIfPresent(documentType, forKey: .documentType)
    try members.encodeIfPresent(mediaType, forKey: .mediaType)
    try members.encodeIfPresent(created, forKey: .created)
    try members.encodeIfPresent(contentLength, forKey: .contentLength)
    try members.encodeIfPresent(since, forKey: .since)
    try members.encode(checks, forKey: .checks)
  }
}
