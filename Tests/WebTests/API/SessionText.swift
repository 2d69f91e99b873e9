import Identity

/// A refresh token as the session that it is.
struct SessionText {
  let value: SessionToken

  init?(_ text: String) {
    guard let value = SessionToken(text) else { return nil }
    self.value = value
  }
}
