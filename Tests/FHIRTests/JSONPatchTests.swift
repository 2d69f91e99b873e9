import FHIR
import Primitives
import Testing

/// RFC 6902 and RFC 6901 on a resource.
@Suite struct JSONPatchTests {
  /// The members of a Basic resource with the id `b`, patched; `!code place` for an error.
  private func patched(_ members: String, _ patch: String) throws -> String {
    let resource = try Resource(
      parsing: Array("{\"resourceType\":\"Basic\",\"id\":\"b\"\(members)}".utf8))
    do throws(PeerChartError) {
      let text = String(
        decoding: try JSONPatch(parsing: Array(patch.utf8)).applied(to: resource), as: UTF8.self)
      let start = "{\"resourceType\":\"Basic\",\"id\":\"b\""
      return text.hasPrefix(start) && text.hasSuffix("}")
        ? String(text.dropFirst(start.count).dropLast()) : text
    } catch {
      return "!\(error.code.rawValue) \(error.place ?? "")"
    }
  }

  private func check(_ table: [(String, String, String)]) throws {
    for (members, patch, expected) in table {
      #expect(try patched(members, patch) == expected, "\(patch)")
    }
  }

  @Test func theExamplesOfTheStandard() throws {
    try check([
      (
        #","foo":"bar""#, #"[{"op":"add","path":"/baz","value":"qux"}]"#,
        #","foo":"bar","baz":"qux""#
      ),
      (
        #","foo":["bar","baz"]"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
        #","foo":["bar","qux","baz"]"#
      ),
      (#","baz":"qux","foo":"bar""#, #"[{"op":"remove","path":"/baz"}]"#, #","foo":"bar""#),
      (
        #","foo":["bar","qux","baz"]"#, #"[{"op":"remove","path":"/foo/1"}]"#,
        #","foo":["bar","baz"]"#
      ),
      (
        #","baz":"qux","foo":"bar""#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#,
        #","baz":"boo","foo":"bar""#
      ),
      (
        #","foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}"#,
        #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
        #","foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}"#
      ),
      (
        #","foo":["all","grass","cows","eat"]"#,
        #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#, #","foo":["all","cows","eat","grass"]"#
      ),
      (
        #","baz":"qux","foo":["a",2,"c"]"#,
        #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}]"#,
        #","baz":"qux","foo":["a",2,"c"]"#
      ),
      (#","baz":"qux""#, #"[{"op":"test","path":"/baz","value":"bar"}]"#, "!conflict [0].path"),
      (
        #","foo":"bar""#, #"[{"op":"add","path":"/child","value":{"grandchild":{}}}]"#,
        #","foo":"bar","child":{"grandchild":{}}"#
      ),
      (
        #","foo":"bar""#, #"[{"op":"add","path":"/baz","value":"qux","xyz":123}]"#,
        #","foo":"bar","baz":"qux""#
      ),
      (#","foo":"bar""#, #"[{"op":"add","path":"/baz/bat","value":"qux"}]"#, "!invalid [0].path"),
      (
        #","foo":"bar""#, #"[{"op":"add","path":"/baz","value":"qux","op":"remove"}]"#,
        "!malformed $[0].op, byte 41"
      ),
      (#","/":9,"~1":10"#, #"[{"op":"test","path":"/~01","value":10}]"#, #","/":9,"~1":10"#),
      (#","/":9,"~1":10"#, #"[{"op":"test","path":"/~01","value":"10"}]"#, "!conflict [0].path"),
      (
        #","foo":["bar"]"#, #"[{"op":"add","path":"/foo/-","value":["abc","def"]}]"#,
        #","foo":["bar",["abc","def"]]"#
      ),
    ])
  }

  @Test func pointersAreExact() throws {
    let members = #","foo":["bar","baz"],"":0,"a/b":1,"m~n":2,"0":{"00":3," ":4}"#
    func test(_ pointer: String, _ value: String) -> (String, String, String) {
      (members, "[{\"op\":\"test\",\"path\":\"\(pointer)\",\"value\":\(value)}]", members)
    }
    try check([
      test("/foo", "[\"bar\",\"baz\"]"), test("/foo/0", "\"bar\""), test("/", "0"),
      test("/a~1b", "1"),
      test("/m~0n", "2"), test("/0/00", "3"), test("/0/ ", "4"), test("/id", "\"b\""),
      test("/\\u0069d", "\"b\""),
    ])
    for pointer in [
      "/foo/00", "/foo/01", "/foo/-", "/foo/2", "/foo/-1", "/foo/+1", "/foo/1e0", "/foo/bar",
      "/foo/", "/foo/0/x", "/Foo", "/foo/99999999999999999999",
    ] {
      try check([
        (members, "[{\"op\":\"test\",\"path\":\"\(pointer)\",\"value\":0}]", "!invalid [0].path")
      ])
    }
    for pointer in ["foo", "#/foo", "/m~n", "/m~", "/m~2", " /foo"] {
      try check([
        (members, "[{\"op\":\"test\",\"path\":\"\(pointer)\",\"value\":0}]", "!malformed [0].path")
      ])
    }
  }

  @Test func numbersAndSpacingStay() throws {
    try check([
      (
        ", \"v\" : 1.10 ,\n \"w\":[ 1.0 , 2.00 ]", #"[{"op":"add","path":"/x","value":1.500}]"#,
        ", \"v\" : 1.10 ,\n \"w\":[ 1.0 , 2.00 ],\"x\":1.500"
      ),
      (
        ", \"v\" : 1.10 ,\n \"w\":[ 1.0 , 2.00 ]", #"[{"op":"remove","path":"/v"}]"#,
        " ,\n \"w\":[ 1.0 , 2.00 ]"
      ),
      (
        ", \"v\" : 1.10 ,\n \"w\":[ 1.0 , 2.00 ]", #"[{"op":"add","path":"/w/1","value":3e2}]"#,
        ", \"v\" : 1.10 ,\n \"w\":[ 1.0 , 3e2, 2.00 ]"
      ),
      (
        ", \"v\" : 1.10 ,\n \"w\":[ 1.0 , 2.00 ]", #"[{"op":"copy","from":"/v","path":"/w/-"}]"#,
        ", \"v\" : 1.10 ,\n \"w\":[ 1.0 , 2.00, 1.10 ]"
      ),
      (
        ", \"v\" : 1.10 ,\n \"w\":[ 1.0 , 2.00 ]", #"[{"op":"remove","path":"/w/0"}]"#,
        ", \"v\" : 1.10 ,\n \"w\":[ 2.00 ]"
      ),
      (
        ", \"w\":[ 1.0 ]", #"[{"op":"remove","path":"/w/0"},{"op":"add","path":"/w/0","value":2}]"#,
        ", \"w\":[2]"
      ),
      (",\"o\":{ }", #"[{"op":"add","path":"/o/a","value":null}]"#, ",\"o\":{\"a\":null }"),
      (",\"o\":{\"a\":1}", #"[{"op":"move","from":"/o/a","path":"/o/b"}]"#, ",\"o\":{\"b\":1}"),
      (
        ",\"o\":{\"a\":1.0,\"b\":[true]}",
        #"[{"op":"test","path":"/o","value":{"b":[true],"a":10e-1}}]"#,
        ",\"o\":{\"a\":1.0,\"b\":[true]}"
      ),
      (",\"o\":\"\\u00e9\"", #"[{"op":"test","path":"/o","value":"é"}]"#, ",\"o\":\"\\u00e9\""),
      (",\"o\":1e400", #"[{"op":"test","path":"/o","value":10e399}]"#, ",\"o\":1e400"),
      (",\"o\":-0", #"[{"op":"test","path":"/o","value":0.0}]"#, ",\"o\":-0"),
      (",\"o\":1", #"[{"op":"test","path":"/o","value":true}]"#, "!conflict [0].path"),
      (",\"o\":null", #"[{"op":"test","path":"/o","value":null}]"#, ",\"o\":null"),
    ])
  }

  @Test func allOrNothing() throws {
    let patch = #"[{"op":"add","path":"/x","value":1},{"op":"remove","path":"/nothing"}]"#
    try check([("", patch, "!invalid [1].path"), ("", "[]", "")])
  }

  @Test func theResourceStaysWhatItIs() throws {
    let own = #"{"resourceType":"Basic","id":"b","x":1}"#
    try check([
      ("", #"[{"op":"replace","path":"/id","value":"c"}]"#, "!invalid [0].path"),
      ("", #"[{"op":"remove","path":"/id"}]"#, "!invalid [0].path"),
      ("", #"[{"op":"replace","path":"/resourceType","value":"Patient"}]"#, "!invalid [0].path"),
      ("", #"[{"op":"move","from":"/id","path":"/x"}]"#, "!invalid [0].path"),
      ("", #"[{"op":"remove","path":""}]"#, "!invalid [0].path"),
      ("", #"[{"op":"replace","path":"","value":[]}]"#, "!invalid [0].path"),
      ("", #"[{"op":"move","from":"/x","path":"/x/y"}]"#, "!invalid [0].from"),
      (",\"x\":{}", #"[{"op":"move","from":"/x","path":"/x/y"}]"#, "!invalid [0].path"),
      (",\"x\":{}", #"[{"op":"move","from":"/x","path":"/x"}]"#, ",\"x\":{}"),
      ("", #"[{"op":"replace","path":"/id","value":"b"}]"#, ""),
      ("", "[{\"op\":\"add\",\"path\":\"\",\"value\":\(own)}]", ",\"x\":1"),
      ("", #"[{"op":"add","path":"/meta","value":3}]"#, "!invalid Basic.meta"),
    ])
    let without = try Resource(parsing: Array(#"{"resourceType":"Basic"}"#.utf8))
    let patch = try JSONPatch(parsing: Array(#"[{"op":"add","path":"/id","value":"c"}]"#.utf8))
    #expect(throws: PeerChartError.self) { _ = try patch.applied(to: without) }
  }

  @Test(arguments: [
    ("{}", "$"), ("[1]", "[0]"), ("[{}]", "[0].op"),
    (#"[{"op":"ADD","path":"","value":1}]"#, "[0].op"),
    (#"[{"op":"add","value":1}]"#, "[0].path"), (#"[{"op":"add","path":"/a"}]"#, "[0].value"),
    (#"[{"op":"add","path":null,"value":1}]"#, "[0].path"),
    (#"[{"op":"copy","path":"/a"}]"#, "[0].from"),
    (#"[{"op":"test","path":"/a","value":1},{"op":"move","from":3,"path":"/a"}]"#, "[1].from"),
  ])
  func faultyPatchesSayWhere(_ patch: String, _ place: String) throws {
    let error = #expect(throws: PeerChartError.self) {
      _ = try JSONPatch(parsing: Array(patch.utf8))
    }
    #expect(error?.place == place)
    #expect(error?.code == .malformed)
  }

  @Test func growthIsBounded() throws {
    let doubling = (0..<64).map { "{\"op\":\"copy\",\"from\":\"/x\",\"path\":\"/x/\($0)\"}" }
    let bomb =
      "[{\"op\":\"add\",\"path\":\"/x\",\"value\":{}}," + doubling.joined(separator: ",") + "]"
    #expect(try patched("", bomb).hasPrefix("!too-large ["))
    let many =
      "[" + (0..<1001).map { _ in #"{"op":"test","path":"","value":1}"# }.joined(separator: ",")
      + "]"
    #expect(try patched("", many) == "!too-large [1000]")
    let resource = try Resource(parsing: Array(#"{"resourceType":"Basic","x":"abcdefghij"}"#.utf8))
    let limits = PatchLimits(maximumBytes: 100, maximumWork: 200)
    let four = try JSONPatch(
      parsing: Array(
        #"[{"op":"test","path":"/x","value":"abcdefghij"},{"op":"test","path":"/x","value":"abcdefghij"},{"op":"test","path":"/x","value":"abcdefghij"},{"op":"test","path":"/x","value":"abcdefghij"},{"op":"test","path":"/x","value":"abcdefghij"},{"op":"test","path":"/x","value":"abcdefghij"}]"#
          .utf8), limits: limits)
    #expect(throws: PeerChartError.self) { _ = try four.applied(to: resource) }
    let long =
      "[{\"op\":\"add\",\"path\":\"/y\",\"value\":\"\(String(repeating: "y", count: 100))\"}]"
    let grown = try JSONPatch(parsing: Array(long.utf8), limits: limits)
    #expect(throws: PeerChartError.self) { _ = try grown.applied(to: resource) }
  }
}
