import Testing
import Web

@Suite("The life of a connection")
struct ConnectionPolicyTests {
  private func policy() -> ConnectionPolicy { ConnectionPolicy(bodyBytes: 1000) }

  @Test("Only the origin form of a target is taken, up to a length")
  func targets() {
    var policy = policy()
    func head(_ target: String?) -> ConnectionPolicy.HeadAction {
      policy.receivedHead(target: target, expectsInvitation: false, contentLength: nil)
    }
    #expect(head("/fhir") == .forward)
    #expect(head("*") == .refuse(status: 400))
    #expect(head("http://node.example/") == .refuse(status: 400))
    #expect(head("") == .refuse(status: 400))
    #expect(head(nil) == .refuse(status: 400))
    let longest = "/" + String(repeating: "a", count: ConnectionPolicy.targetBytes - 1)
    #expect(head(longest) == .forward)
    #expect(head(longest + "a") == .refuse(status: 414))
  }

  @Test("Header fields are bounded in number and length")
  func fields() {
    var policy = policy()
    func head(_ fields: Int, _ bytes: Int) -> ConnectionPolicy.HeadAction {
      policy.receivedHead(
        target: "/", expectsInvitation: true, contentLength: nil, fields: fields, fieldBytes: bytes)
    }
    #expect(head(ConnectionPolicy.fields, ConnectionPolicy.fieldBytes) == .inviteBody)
    #expect(head(ConnectionPolicy.fields + 1, 10) == .refuse(status: 431))
    #expect(head(1, ConnectionPolicy.fieldBytes + 1) == .refuse(status: 431))
  }

  @Test("A body is asked for only if it is not too long")
  func invitation() {
    var policy = policy()
    func head(_ length: String?) -> ConnectionPolicy.HeadAction {
      policy.receivedHead(target: "/", expectsInvitation: true, contentLength: length)
    }
    #expect(head("1000") == .inviteBody)
    #expect(head(nil) == .inviteBody)
    #expect(head("1001") == .forward)
    #expect(head("99999999999999999999") == .forward)
    #expect(head("x") == .forward)
  }

  @Test("An ordinary exchange keeps the connection open")
  func ordinary() {
    var policy = policy()
    for _ in 0..<3 {
      _ = policy.receivedHead(target: "/", expectsInvitation: false, contentLength: "5")
      #expect(policy.receivedBody(count: 5) == true)
      #expect(policy.receivedEnd() == true)
      policy.sentHead(closing: false)
      #expect(policy.sentEnd() == .keepOpen)
    }
  }

  @Test("An answer that says so ends the connection once the request is in")
  func closing() {
    var policy = policy()
    _ = policy.receivedHead(target: "/", expectsInvitation: false, contentLength: nil)
    #expect(policy.receivedEnd() == true)
    policy.sentHead(closing: true)
    #expect(policy.sentEnd() == .close)
  }

  @Test("A refused body is taken to a bound, so that the answer is read; then it is over")
  func lingering() {
    var policy = policy()
    _ = policy.receivedHead(target: "/", expectsInvitation: false, contentLength: nil)
    #expect(policy.receivedBody(count: 5_000_000) == true)
    policy.sentHead(closing: true)
    #expect(policy.sentEnd() == .linger)
    #expect(policy.receivedBody(count: ConnectionPolicy.lingerBytes) == true)
    #expect(policy.receivedBody(count: 1) == false)
  }

  @Test("The end of a refused body closes the connection only if the answer said so")
  func endWhileLingering() {
    for isClosing in [true, false] {
      var policy = policy()
      _ = policy.receivedHead(target: "/", expectsInvitation: false, contentLength: nil)
      policy.sentHead(closing: isClosing)
      #expect(policy.sentEnd() == .linger)
      #expect(policy.receivedEnd() == !isClosing)
    }
  }

  @Test("A pipelined request is not taken for the rest of the one before")
  func pipelining() {
    var policy = policy()
    _ = policy.receivedHead(target: "/1", expectsInvitation: false, contentLength: nil)
    #expect(policy.receivedEnd() == true)
    _ = policy.receivedHead(target: "/2", expectsInvitation: false, contentLength: nil)
    policy.sentHead(closing: false)
    #expect(policy.sentEnd() == .keepOpen)
    #expect(policy.receivedBody(count: 50_000_000) == true)
    #expect(policy.receivedEnd() == true)
  }

  @Test("A body may take half a minute; after that it has to keep a pace")
  func pace() {
    #expect(!TransferPace.isTooSlow(bytes: 0, after: .seconds(30)))
    #expect(TransferPace.isTooSlow(bytes: 100, after: .seconds(31)))
    #expect(!TransferPace.isTooSlow(bytes: 4096, after: .seconds(31)))
    #expect(!TransferPace.isTooSlow(bytes: 4096 * 100, after: .seconds(130)))
    #expect(TransferPace.isTooSlow(bytes: 4096 * 100, after: .seconds(132)))
  }
}
