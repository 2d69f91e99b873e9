import Foundation

/// A browser without eyes: keeps cookies and the forms' token, on one connection at a time, over plain HTTP
/// from an address of this machine.
final class PageClient {
  private let port: UInt16
  private let host: UInt32
  private var connection: RawConnection?
  private var cookies: [String: String] = [:]
  private var token = ""

  typealias Answer = (status: Int, fields: [String: String], body: [UInt8])

  /// - Parameter host: the last byte of the address.
  init(_ node: FlowNode, from host: UInt32 = 1) throws {
    let url = node.insecureURL ?? ""
    port = UInt16(url.drop { $0 != ":" }.dropFirst(3).drop { $0 != ":" }.dropFirst()) ?? 0
    self.host = host
  }

  /// The same browser somewhere else.
  init(_ other: PageClient, from host: UInt32) {
    (port, cookies, token) = (other.port, other.cookies, other.token)
    self.host = host
  }

  var hasSession: Bool { cookies["__Host-peerchart"]?.isEmpty == false }

  /// Signs out without saying so: the session is forgotten here.
  func forgetSession() { cookies["__Host-peerchart"] = nil }

  func get(_ path: String, _ fields: [String] = []) throws -> Answer {
    let answer = try send("GET", path, fields, nil)
    if let range = String(decoding: answer.body, as: UTF8.self).firstRange(
      of: #/name="csrf" value="([^"]*)"/#),
      let match = String(decoding: answer.body, as: UTF8.self)[range].firstMatch(
        of: #/value="([^"]*)"/#)
    {
      token = String(match.1)
    }
    return answer
  }

  func post(_ path: String, _ form: [(String, String)]) throws -> Answer {
    var components = URLComponents()
    components.queryItems = (form + [("csrf", token)]).map {
      URLQueryItem(name: $0.0, value: $0.1)
    }
    let body = (components.percentEncodedQuery ?? "").replacing("+", with: "%2B")
    return try send("POST", path, ["Content-Type: application/x-www-form-urlencoded"], body)
  }

  private func send(
    _ method: String, _ path: String, _ fields: [String], _ body: String?
  ) throws -> Answer {
    let cookie = cookies.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
      .joined(separator: "; ")
    var lines =
      ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Cookie: \(cookie)"] + fields
    if let body { lines.append("Content-Length: \(body.utf8.count)") }
    let request = lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? "")
    for _ in 0..<2 {
      let current = try connection ?? RawConnection(port: port, from: host)
      connection = current
      try? current.send(request)
      if let answer = current.receiveAnswer() {
        if answer.fields["connection"] == "close" { connection = nil }
        keep(answer.fields["set-cookie"])
        return answer
      }
      connection = nil
    }
    throw Program.Failure("no answer")
  }

  private func keep(_ field: String?) {
    for line in (field ?? "").split(separator: "\n") {
      let pair = line.prefix { $0 != ";" }.split(separator: "=", maxSplits: 1)
      guard let name = pair.first else { continue }
      cookies[String(name)] = pair.count == 2 && !line.contains("Max-Age=0") ? String(pair[1]) : nil
    }
  }
}
