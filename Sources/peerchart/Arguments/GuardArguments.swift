import ArgumentParser
import Exchange
import Identity
import Node

/// How `serve` guards its door: proxies, rates, connections.
struct GuardArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A proxy in front of this node, as an address or network: what it says in X-Forwarded-For and \
      X-Forwarded-Proto, or Forwarded, is believed; from anybody else it is ignored. Repeatable.
      """, valueName: "cidr"),
    transform: NetworkRange.init(argument:))
  var trustedProxy: [NetworkRange] = []
  @Option(
    help: ArgumentHelp(
      """
      How many requests are taken: account=N for each person, client=N for each app, token and node, \
      address=N for each address behind which nobody is known; N is a number a second, N:M allows M at once, \
      `off` is no limit. Repeatable. Default: account=50:1000, client=20000:100000, address=500:5000.
      """, valueName: "who=rate"))
  var rate: [String] = []
  @Option(
    help: ArgumentHelp(
      "How many connections one address may have open; proxies are not counted.",
      valueName: "number"))
  var connectionsPerAddress = 512

  func validate() throws {
    guard (1...1_000_000).contains(connectionsPerAddress) else {
      throw ValidationError("--connections-per-address is a number from 1 to a million")
    }
    _ = try rates
  }

  private var rates: RequestRates {
    get throws {
      var rates = RequestRates()
      for text in rate {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, parts[1] == "off" || RequestRate(parts[1]) != nil else {
          throw ValidationError("--rate is written account=50, client=20000:100000 or address=off")
        }
        let rate = RequestRate(parts[1])
        switch parts[0] {
        case "account": rates.account = rate
        case "client": rates.client = rate
        case "address": rates.address = rate
        default: throw ValidationError("--rate is about account, client or address")
        }
      }
      return rates
    }
  }

  var limits: PeerChartNode.DoorLimits {
    get throws {
      PeerChartNode.DoorLimits(
        trustedProxies: trustedProxy, rates: try rates,
        connectionsPerAddress: connectionsPerAddress)
    }
  }
}
