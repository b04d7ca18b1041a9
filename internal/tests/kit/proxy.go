package kit

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// End is a way for a connection to end.
type End int

// The ways.
const (
	EndFIN  End = iota // it is closed
	EndRST             // it is reset
	EndHalf            // it is closed from the server's side, and still read
)

func (e End) String() string { return [...]string{"FIN", "RST", "half-close"}[e] }

// Ends are all ways.
var Ends = []End{EndFIN, EndRST, EndHalf}

// Proxy stands between a driver and a server, and cuts connections when it is told to.
type Proxy struct {
	listener net.Listener
	server   [2]string // network and address

	mu     sync.Mutex
	marker []byte // the answer to what has this in it is cut
	armed  bool
	sent   bool // what has the marker in it was sent
	left   int  // how many more bytes of the answer come through
	end    End
	cut    bool

	trips int  // changes of direction: the client asks, the server answers
	asked bool // the client spoke last
}

// NewProxy returns a proxy to the server that the configuration names, which it changes to lead through the proxy.
func NewProxy(tb testing.TB, config *pgxpool.Config) *Proxy {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = listener.Close() })
	p := &Proxy{listener: listener}
	p.server[0], p.server[1] = pgconn.NetworkAddress(config.ConnConfig.Host, config.ConnConfig.Port)
	at := listener.Addr().(*net.TCPAddr)
	config.ConnConfig.Host, config.ConnConfig.Port, config.ConnConfig.Fallbacks = "127.0.0.1", uint16(at.Port), nil
	go p.serve()
	return p
}

// Cut has the next answer to something with the marker in it cut after so many bytes. The empty marker is in everything.
func (p *Proxy) Cut(marker string, after int, end End) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.marker, p.left, p.end, p.armed, p.sent, p.cut = []byte(marker), after, end, true, false, false
}

// Trips returns how often the client has waited for the server since the last call of Trips.
func (p *Proxy) Trips() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	trips := p.trips
	p.trips = 0
	return trips
}

// Done returns whether it has cut since the last call of Cut, and cuts no more.
func (p *Proxy) Done() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = false
	return p.cut
}

func (p *Proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial(p.server[0], p.server[1])
		if err != nil {
			_ = client.Close()
			continue
		}
		go p.requests(client.(*net.TCPConn), server)
		go p.answers(client.(*net.TCPConn), server)
	}
}

// requests passes on what the client sends.
func (p *Proxy) requests(client *net.TCPConn, server net.Conn) {
	defer func() { _ = server.Close() }()
	buffer := make([]byte, 1<<16)
	for {
		n, err := client.Read(buffer)
		if n > 0 {
			p.mu.Lock()
			if !p.asked {
				p.asked = true
				p.trips++
			}
			p.sent = p.sent || p.armed && bytes.Contains(buffer[:n], p.marker)
			p.mu.Unlock()
			if _, err := server.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// answers passes on what the server sends.
func (p *Proxy) answers(client *net.TCPConn, server net.Conn) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := server.Read(buffer)
		if n > 0 {
			through, end, cut := p.let(n)
			if _, err := client.Write(buffer[:through]); err != nil {
				_ = client.Close()
				return
			}
			if cut {
				finish(client, end)
				_, _ = io.Copy(io.Discard, server) // so that the server is not held up
				return
			}
		}
		if err != nil {
			_ = client.Close()
			return
		}
	}
}

// let says how many of so many bytes come through, and whether nothing comes after them.
func (p *Proxy) let(n int) (through int, end End, cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = false
	switch {
	case !p.armed || !p.sent:
		return n, 0, false
	case n <= p.left && p.left > 0:
		p.left -= n
		return n, 0, false
	}
	through, p.armed, p.cut = p.left, false, true
	return through, p.end, true
}

func finish(client *net.TCPConn, end End) {
	switch end {
	case EndHalf:
		_ = client.CloseWrite()
	case EndRST:
		_ = client.SetLinger(0)
		_ = client.Close()
	default:
		_ = client.Close()
	}
}
