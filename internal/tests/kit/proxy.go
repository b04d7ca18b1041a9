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
	EndFIN   End = iota // it is closed
	EndRST              // it is reset
	EndHalf             // it is closed in the direction of the fault, and open in the other
	EndStall            // nothing comes through any more, until the proxy is Done
	EndNoise            // bytes come that are no protocol, and then it is closed
)

func (e End) String() string { return [...]string{"FIN", "RST", "half-close", "stall", "noise"}[e] }

// Ends are all ways.
var Ends = []End{EndFIN, EndRST, EndHalf, EndStall, EndNoise}

// noise is no message of the protocol.
var noise = bytes.Repeat([]byte{0xff, 0, 0x7f}, 50)

// Fault is what becomes of a connection.
type Fault struct {
	Sent   bool   // it befalls what the client sends; else what the server answers
	Marker string // bytes are counted from what the client sends with this in it; the empty text is in everything
	After  int    // so many bytes come through
	End    End
	Noise  []byte // what EndNoise sends; nil: something that is no message of the protocol
	Then   func() // called when it has happened; may be nil
}

// Proxy stands between a driver and a server, and breaks connections when it is told to.
type Proxy struct {
	listener net.Listener
	server   [2]string // network and address

	mu      sync.Mutex
	fault   Fault
	armed   bool
	counts  bool // what has the marker in it was sent
	left    int  // how many more bytes come through
	done    bool
	stalled chan struct{} // closed when stalled connections may end

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
	p := &Proxy{listener: listener, stalled: make(chan struct{})}
	p.server[0], p.server[1] = pgconn.NetworkAddress(config.ConnConfig.Host, config.ConnConfig.Port)
	at := listener.Addr().(*net.TCPAddr)
	config.ConnConfig.Host, config.ConnConfig.Port, config.ConnConfig.Fallbacks = "127.0.0.1", uint16(at.Port), nil
	go p.serve()
	return p
}

// Break has the fault happen, once.
func (p *Proxy) Break(f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault, p.left, p.armed, p.counts, p.done = f, f.After, true, false, false
}

// Done returns whether the fault has happened since the last call of Break. None happens any more, and what stalls ends.
func (p *Proxy) Done() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.armed = false
	close(p.stalled)
	p.stalled = make(chan struct{})
	return p.done
}

// Trips returns how often the client has waited for the server since the last call of Trips.
func (p *Proxy) Trips() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	trips := p.trips
	p.trips = 0
	return trips
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
		go p.pass(client, server, true)
		go p.pass(server, client, false)
	}
}

// pass passes on what one side says to the other.
func (p *Proxy) pass(from, to net.Conn, sent bool) {
	defer func() {
		_ = to.Close()
		if !sent {
			_ = from.Close()
		}
	}()
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		through, happen := p.let(buffer[:n], sent)
		if _, err := to.Write(buffer[:through]); err != nil {
			return
		}
		if happen != nil {
			happen(from, to)
			return
		}
		if err != nil {
			return
		}
	}
}

// let says how many of the bytes come through, and what happens to the connection after them; nil: it goes on.
func (p *Proxy) let(data []byte, sent bool) (through int, happen func(from, to net.Conn)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if sent && len(data) > 0 && !p.asked {
		p.trips++
	}
	if len(data) > 0 {
		p.asked = sent
	}
	p.counts = p.counts || sent && p.armed && bytes.Contains(data, []byte(p.fault.Marker))
	switch {
	case !p.armed || !p.counts || p.fault.Sent != sent:
		return len(data), nil
	case len(data) <= p.left:
		p.left -= len(data)
		return len(data), nil
	}
	p.armed, p.done = false, true
	f, stalled := p.fault, p.stalled
	return p.left, func(from, to net.Conn) { f.happen(from, to, stalled) }
}

// happen breaks the connection. It returns when nothing is to be passed on any more in the fault's direction.
func (f Fault) happen(from, to net.Conn, stalled <-chan struct{}) {
	if f.End == EndNoise && f.Noise == nil {
		f.Noise = noise
	}
	if f.End == EndNoise {
		_, _ = to.Write(f.Noise)
	}
	client := to
	if f.Sent {
		client = from
	}
	half := f.End == EndHalf || f.End == EndNoise && f.Sent // the server says what it thinks of the noise
	switch {
	case half:
		_ = to.(interface{ CloseWrite() error }).CloseWrite()
	case f.End == EndStall: // below
	case f.End == EndRST:
		_ = client.(*net.TCPConn).SetLinger(0)
		_ = client.Close()
	default:
		_ = client.Close()
	}
	if f.Then != nil {
		f.Then()
	}
	switch {
	case f.End == EndStall:
		<-stalled
	case half || !f.Sent:
		_, _ = io.Copy(io.Discard, from) // so that the other side is not held up: a server does what it was asked
	}
}
