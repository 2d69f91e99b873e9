import Foundation
import TestSupport
import Testing

/// Health cards and links as others read them, over real sockets.
@Suite(.enabled(if: Program.isThere, "\(Program.absence)"))
struct HealthCardFlowTests {
  private struct Scene {
    let node: FlowNode
    let patient = "p"

    init(_ engine: FlowEngine) async throws {
      node = try await FlowNode(database: engine.cluster())
      let chart = """
        {"resourceType":"Bundle","type":"collection","entry":[
          {"resource":{"resourceType":"Patient","id":"p",
            "name":[{"family":"Samplewood","given":["Rowan"]}],"birthDate":"1984-02-29"}},
          {"resource":{"resourceType":"Immunization","id":"i","status":"completed",
            "vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"207"}]},
            "patient":{"reference":"Patient/p"},"occurrenceDateTime":"2021-01-29"}},
          {"resource":{"resourceType":"Immunization","id":"j","status":"completed",
            "vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"208"}]},
            "patient":{"reference":"Patient/p"},"occurrenceDateTime":"2021-02-29"}},
          {"resource":{"resourceType":"AllergyIntolerance","id":"a",
            "patient":{"reference":"Patient/p"},
            "code":{"coding":[{"system":"http://snomed.info/sct","code":"91936005"}]}}}]}
        """.replacing("2021-02-29", with: "2021-02-28")
      try await node.must("import", node.home.write("chart.json", Array(chart.utf8)))
      try await node.serve()
    }

    /// What another reader says of a link.
    func read(_ link: String, passcode: String = "-") async throws -> [String: Any] {
      let outcome = try await Program.python(
        "health_cards.py", ["link", node.ca, "Dr. Example", passcode, link])
      try #require(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
      return try Self.object(outcome.output)
    }

    func made(_ arguments: String...) async throws -> (id: String, link: String) {
      let outcome = try await node.run(
        ["link", "create", "--patient", patient, "--json"] + arguments)
      let object = try Self.object(outcome.output)
      return (try #require(object["id"] as? String), try #require(object["link"] as? String))
    }

    static func object(_ text: String) throws -> [String: Any] {
      try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }
  }

  @Test(arguments: FlowEngine.allCases)
  func othersReadOurCards(engine: FlowEngine) async throws {
    let scene = try await Scene(engine)
    let node = scene.node
    let file = node.home.path + "/card.smart-health-card"
    let issued = try await node.must(
      "card", "issue", "--patient", "p", "Immunization/i", "Immunization/j", "--output", file,
      "--json")
    let object = try Scene.object(issued.output)
    let codes = try #require(object["codes"] as? [String])
    let code = try node.home.write("codes.txt", Array(codes.joined(separator: "\n").utf8))
    func read() async throws -> [[String: Any]] {
      let outcome = try await Program.python(
        "health_cards.py", ["cards", node.url, node.ca, file, code])
      try #require(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
      let found = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
      return try #require(found as? [[String: Any]])
    }
    var found = try await read()
    #expect(found.count == 2)
    for card in found {
      #expect(card["types"] as? [String] == ["Patient", "Immunization", "Immunization"])
      #expect(card["revoked"] as? Bool == false)
    }
    try await accepted(by: node, [file, code])
    #expect(try await node.run("card", "verify", file).status == 0)
    // Another node fetches the keys and takes the card in.
    let other = try await FlowNode(name: "Elsewhere")
    let patient =
      #"{"resourceType":"Patient","id":"r","name":[{"family":"Samplewood","#
      + #""given":["Rowan"]}],"birthDate":"1984-02-29"}"#
    try await other.must("import", other.home.write("patient.json", Array(patient.utf8)))
    #expect(try await other.run("card", "verify", file).status == 1)
    #expect(try await other.run("card", "trust", "add", node.url, "--name", "Home").status == 1)
    try await other.must(
      "card", "trust", "add", node.url, "--name", "Home", "--allow", node.address, "--ca", node.ca)
    #expect(try await other.run("card", "verify", file).output.contains("issued by Home"))
    let imported = try await other.must("card", "import", file, "--patient", "r")
    #expect(imported.output.contains("3 created"))
    // Taken back, and both sides see it once they have read the list.
    try await node.must("card", "revoke", try #require(object["id"] as? String))
    found = try await read()
    #expect(found.allSatisfy { $0["revoked"] as? Bool == true })
    try await other.must(
      "card", "trust", "add", node.url, "--allow", node.address, "--ca", node.ca)
    #expect(try await other.run("card", "verify", file).output.contains("revoked"))
  }

  /// The checker of the folder `shared`, where it is there.
  private func accepted(by node: FlowNode, _ files: [String]) async throws {
    guard let checker = SharedFolder.url?.appendingPathComponent("peers/shc_verify.py").path,
      FileManager.default.fileExists(atPath: checker),
      let python = ProcessInfo.processInfo.environment["PEERCHART_PYTHON"]
    else { return }
    let keys = try await Curl(node: node)("GET", "/.well-known/jwks.json")
    #expect(keys.status == 200)
    let path = try node.home.write("jwks.json", Array(keys.body.utf8))
    let outcome = try await Program.run(python, [checker, path] + files)
    #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    #expect(outcome.lines.filter { $0.hasPrefix("ok ") }.count == files.count)
  }

  @Test(arguments: FlowEngine.allCases)
  func othersOpenOurLinks(engine: FlowEngine) async throws {
    let scene = try await Scene(engine)
    let word = try scene.node.home.write("word.txt", Array("open sesame\n".utf8))
    let plain = try await scene.made("--card", "Immunization/i", "--label", "Visit")
    var read = try await scene.read(plain.link)
    let files = try #require(read["files"] as? [[String: Any]])
    #expect(files.count == 2 && read["label"] as? String == "Visit")
    #expect(files.first?["kind"] as? String == "document")
    let types = try #require(files.first?["resources"] as? [String])
    #expect(types.first == "Composition" && types.contains("AllergyIntolerance"))
    let cards = try #require(files.last?["cards"] as? [String])
    let card = try scene.node.home.write("linked.txt", Array(cards.joined().utf8))
    #expect(try await scene.node.run("card", "verify", card).status == 0)
    let direct = try await scene.made("--direct", "--expires", "15m")
    read = try await scene.read(direct.link)
    #expect(read["flag"] as? String == "U" && (read["files"] as? [Any])?.count == 1)
    let locked = try await scene.made("--passcode-file", word)
    #expect(try await scene.read(locked.link)["status"] as? Int == 401)
    read = try await scene.read(locked.link, passcode: "open sesame")
    #expect(read["flag"] as? String == "P" && (read["files"] as? [Any])?.count == 1)
    // A node opens it too; without being told, it asks nobody on a private network.
    let other = try await FlowNode(name: "Elsewhere")
    let arguments = ["link", "open", locked.link, "--recipient", "Elsewhere"]
    #expect(try await other.run(arguments).status == 1)
    let folder = other.home.path + "/files"
    let opened = try await other.run(
      arguments + [
        "--passcode-file", word, "--allow", scene.node.address, "--ca", scene.node.ca, "--output",
        folder,
      ])
    #expect(opened.status == 0, "\(opened.errors)")
    #expect(FileManager.default.fileExists(atPath: folder + "/file-1.json"))
    // Ended, nobody opens it any more.
    try await scene.node.must("link", "revoke", plain.id)
    #expect(try await scene.read(plain.link)["status"] as? Int == 404)
    let listed = try await scene.node.must("link", "list", "--patient", "p")
    #expect(listed.output.contains("revoked") && listed.output.contains("active"))
  }

  @Test(arguments: FlowEngine.allCases)
  func fiftyGuessesAtOnceGetNoMoreThanTheCap(engine: FlowEngine) async throws {
    let scene = try await Scene(engine)
    let word = try scene.node.home.write("word.txt", Array("open sesame\n".utf8))
    let link = try await scene.made("--passcode-file", word, "--attempts", "6").link
    let outcome = try await Program.python(
      "health_cards.py", ["guess", scene.node.ca, "50", link])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try Scene.object(outcome.output)
    #expect(object["remaining"] as? [Int] == [0, 1, 2, 3, 4, 5])
    #expect(object["statuses"] as? [String: Int] == ["401": 6, "404": 44])
    #expect(try await scene.read(link, passcode: "open sesame")["status"] as? Int == 404)
    let listed = try await scene.node.must("link", "list", "--patient", "p")
    #expect(listed.output.contains("exhausted") && listed.output.contains("6 of 6 wrong passcodes"))
  }
}
