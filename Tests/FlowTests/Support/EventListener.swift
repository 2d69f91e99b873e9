import Foundation

/// Listens to server-sent events as a browser does, over plain HTTP on this machine.
final class EventListener {
  struct Event {
    let id: String
    let name: String
    let data: String
    var json: [String: Any]? {
      (try? JSONSerialization.jsonObject(with: Data(data.utf8))) as? [String: Any]
    }
  }

  private let connection: RawConnection
  private var text = ""
  let head: String

  init(
    _ node: FlowNode, _ subscription: String, token: String, lastSeen: String? = nil
  ) throws {
    let port = node.insecureURL?.split(separator: ":").last.flatMap { UInt16($0) } ?? 0
    connection = try RawConnection(port: port)
    let resume = lastSeen.map { "Last-Event-ID: \($0)\r\n" } ?? ""
    try connection.send(
      "GET /fhir/Subscription/\(subscription)/$events HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
        + "Accept: text/event-stream\r\nAuthorization: Bearer \(token)\r\n\(resume)\r\n")
    head = connection.receiveHead() ?? ""
    // The comment in front says that listening has begun.
    if head.contains(" 200 ") { _ = block() }
  }

  /// The next event; nil when the stream has ended.
  func next() -> Event? {
    while let block = block() {
      var (id, name, data) = ("", "", [String]())
      for line in block.components(separatedBy: "\n") {
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty else { continue }
        let value = String(parts[1].hasPrefix(" ") ? parts[1].dropFirst() : parts[1])
        switch parts[0] {
        case "id": id = value
        case "event": name = value
        case "data": data.append(value)
        default: break
        }
      }
      guard !data.isEmpty else { continue }
      return Event(id: id, name: name, data: data.joined(separator: "\n"))
    }
    return nil
  }

  /// Lines up to an empty one.
  private func block() -> String? {
    while true {
      if let end = text.range(of: "\n\n") {
        let block = String(text[..<end.lowerBound])
        text.removeSubrange(..<end.upperBound)
        return block
      }
      guard let chunk = connection.receiveChunk(), !chunk.isEmpty else { return nil }
      text += String(decoding: chunk, as: UTF8.self)
    }
  }
}
