package faults_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/dovetail-go/dovetail"
	"github.com/dovetail-go/dovetail/dialect/postgres"
	"github.com/dovetail-go/dovetail/internal/dbtest"
	"github.com/dovetail-go/dovetail/internal/tests/kit"
	"github.com/dovetail-go/dovetail/internal/tests/models/written"
)

// coded fails the test unless the error is of the library and has the server's code in it.
func coded(t *testing.T, at string, err error, code string) {
	t.Helper()
	var answer *pgconn.PgError
	if !errors.As(err, &answer) || answer.Code != code || !strings.HasPrefix(err.Error(), "dovetail: ") {
		t.Errorf("%s: expected %s, got %v", at, code, err)
	}
}

func TestTrap_M1_ServerProcessThatDiesWhileRowsArrive(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	d.Exec(t, "INSERT INTO students (name) SELECT repeat('x', 500) FROM generate_series(1, 2000)")
	dies := dovetail.Select(written.Students).OrderBy("id").
		Where("CASE WHEN self.id = 2000 THEN pg_terminate_backend(pg_backend_pid()) ELSE TRUE END")
	rows, err := dies.All(t.Context(), d.DB)
	coded(t, "All", err, "57P01")
	if rows != nil {
		t.Errorf("%d rows beside an error", len(rows))
	}
	n := 0
	for _, err = range dies.Each(t.Context(), d.DB) {
		if err == nil {
			n++
		}
	}
	coded(t, "Each", err, "57P01")
	if n == 0 || n > 1000 {
		t.Errorf("expected some of the rows before the error, got %d", n)
	}
}

// TestTrap_M3_SilenceEndsWithTheContext: a connection on which nothing comes any more holds no call longer than its context.
func TestTrap_M3_SilenceEndsWithTheContext(t *testing.T) {
	t.Parallel()
	direct := prepared(t)
	b := breakable(t, direct, cached)
	defer b.gone(t)
	defer b.pool.Close()
	for _, c := range []call{reads[0], transactions[0], statements[0]} {
		b.ready(t, sweep{})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		begun := time.Now()
		b.proxy.Break(kit.Fault{After: 10, End: kit.EndStall})
		_, err := c.do(ctx, postgres.New(b.pool))
		cancel()
		if took := time.Since(begun); !errors.Is(err, context.DeadlineExceeded) || took > time.Second {
			t.Errorf("%s: expected the deadline's error, got %v after %v", c.name, err, took)
		}
		b.proxy.Done()
	}
}

// TestTrap_M6_NoWriteIsRepeated: whatever befalls a call that adds to a value, it adds once at most. The sweeps hold every write against
// what doing it once gives; this one counts how often the server executes it.
func TestTrap_M6_NoWriteIsRepeated(t *testing.T) {
	t.Parallel()
	direct := prepared(t)
	direct.Exec(t, "CREATE SEQUENCE executed")
	write := func(ctx context.Context, db dovetail.DB) (any, error) {
		set := sq.Expr("balance + 0 * nextval('executed')") // a sequence counts what is rolled back too
		return dovetail.Update(written.Accounts).Set("balance", set).Where("id = ?", -1).Exec(ctx, db)
	}
	for _, mode := range modes {
		b := breakable(t, direct, mode)
		for after, happened := 0, true; happened; after += 5 {
			b.ready(t, sweep{})
			direct.Exec(t, "ALTER SEQUENCE executed RESTART 1")
			b.proxy.Break(kit.Fault{After: after, End: kit.Ends[after%3]})
			_, _ = write(t.Context(), postgres.New(b.pool))
			happened = b.proxy.Done()
			b.pool.Reset()
			b.gone(t)
			n, err := kit.SQL[int64](t.Context(), direct.DB, "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM executed")
			if err != nil {
				t.Fatal(err)
			}
			if n[0] > 1 {
				t.Errorf("%s, after %d bytes: executed %d times", mode, after, n[0])
			}
		}
		b.pool.Close()
	}
}

// TestTrap_M7_BytesThatAreNoProtocol: noise from a server is the driver's error, and the connection is used no more.
func TestTrap_M7_BytesThatAreNoProtocol(t *testing.T) {
	t.Parallel()
	direct := prepared(t)
	b := breakable(t, direct, cached)
	defer b.gone(t)
	defer b.pool.Close()
	want, err := reads[0].do(t.Context(), direct.DB)
	if err != nil {
		t.Fatal(err)
	}
	r, rounds, errors := rand.New(rand.NewPCG(kit.Seed(t), 7)), kit.Sized(200, 30), 0
	for range rounds {
		b.ready(t, sweep{})
		noise := make([]byte, 1+r.IntN(60))
		for i := range noise {
			noise[i] = byte(r.Uint32())
		}
		b.proxy.Break(kit.Fault{After: r.IntN(400), End: kit.EndNoise, Noise: noise})
		value, err := reads[0].do(t.Context(), postgres.New(b.pool))
		if b.proxy.Done() && err != nil {
			errors++
		}
		sweep{call: reads[0]}.checkRead(t, fmt.Sprintf("%x", noise), value, err, want) // a pool may find it, and take another connection
	}
	if errors < rounds/2 {
		t.Errorf("expected errors, got %d", errors)
	}
}

// refusing returns a pool of a server that refuses every connection with the code.
func refusing(t *testing.T, code string) *pgxpool.Pool {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			var size [4]byte // of the startup message, itself included
			if _, err := io.ReadFull(conn, size[:]); err == nil {
				_, _ = io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(size[:]))-4)
			}
			fields := "SFATAL\x00VFATAL\x00C" + code + "\x00Mno\x00\x00"
			answer := binary.BigEndian.AppendUint32([]byte{'E'}, uint32(4+len(fields)))
			_, _ = conn.Write(append(answer, fields...))
			_ = conn.Close()
		}
	}()
	config, err := pgxpool.ParseConfig("postgres://u:p@" + listener.Addr().String() + "/d?sslmode=disable")
	if err != nil {
		t.Fatal(err)
	}
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// TestTrap_M8_ServerWithoutRoom: a server that lets nobody in is told by its code, and nothing was written.
func TestTrap_M8_ServerWithoutRoom(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"53300", "57P03"} {
		db := postgres.New(refusing(t, code))
		for _, c := range []call{reads[0], reads[1], transactions[0], statements[0]} {
			value, err := c.do(t.Context(), db)
			coded(t, c.name, err, code)
			if errors.Is(err, dovetail.ErrCommitUnknown) || value != nil && value != int64(0) {
				t.Errorf("%s: nothing was sent, and got %v and %v", c.name, value, err)
			}
		}
	}
}

// TestTrap_M10_ServerThatTakesNoWrites: a server that only reads refuses every write as a whole, and reads.
func TestTrap_M10_ServerThatTakesNoWrites(t *testing.T) {
	t.Parallel()
	direct := prepared(t)
	before := dump(t, direct)
	for _, mode := range modes {
		config := dbtest.PostgresConfig(t)
		config.ConnConfig.DefaultQueryExecMode = mode
		config.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
		db := postgres.New(dbtest.PostgresPool(t, config))
		for _, c := range reads {
			if _, err := c.do(t.Context(), db); err != nil {
				t.Errorf("%s, %s: %v", c.name, mode, err)
			}
		}
		for _, calls := range [][]call{transactions, statements} {
			for _, c := range calls {
				_, err := c.do(t.Context(), db)
				coded(t, c.name+", "+mode.String(), err, "25006")
			}
		}
	}
	kit.Equal(t, "the tables", dump(t, direct), before)
}

// TestTrap_M11_TableThatMayNotBeRead: one table of a graph that the user may not read is an error that names the relation, and no rows.
func TestTrap_M11_TableThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	config := dbtest.PostgresAlone(t) // where the test may make a user
	admin, err := pgx.ConnectConfig(t.Context(), config.Copy().ConnConfig)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close(context.WithoutCancel(t.Context())) //nolint:errcheck // it is over
	owner := kit.ViaConn(t, admin, postgres.New(admin), "postgres/alone", "")
	prepare(t, owner)
	owner.Exec(t, "CREATE ROLE guest; GRANT SELECT, UPDATE, INSERT ON accounts, tags, activity_tags TO guest; GRANT USAGE ON accounts_id_seq TO guest")
	before := dump(t, owner)
	config.ConnConfig.RuntimeParams["role"] = "guest"
	guest := postgres.New(dbtest.PostgresPool(t, config))
	rows, err := allAccounts.All(t.Context(), guest)
	coded(t, "All", err, "42501")
	if rows != nil || !strings.Contains(err.Error(), "preload activities") {
		t.Errorf("expected no rows and the relation's name, got %d and %v", len(rows), err)
	}
	_, err = transactions[0].do(t.Context(), guest)
	coded(t, "Insert", err, "42501")
	kit.Equal(t, "the tables", dump(t, owner), before)
}

// TestTrap_N1_StatementsAfterOneThatFailed: a statement in a transaction that was aborted says so, and so does the commit.
func TestTrap_N1_StatementsAfterOneThatFailed(t *testing.T) {
	t.Parallel()
	d := prepared(t)
	before := dump(t, d)
	err := d.DB.InTx(t.Context(), dovetail.TxOptions{}, func(tx dovetail.DB) error {
		err := dovetail.Insert(written.Accounts, &written.Account{Owner: "Ann"}).Exec(t.Context(), tx)
		var taken *dovetail.ConstraintError
		if !errors.As(err, &taken) {
			t.Errorf("expected the name to be taken, got %v", err)
		}
		_, err = dovetail.Update(written.Accounts).Set("balance", 1).All().Exec(t.Context(), tx)
		coded(t, "the next", err, "25P02")
		if !strings.Contains(err.Error(), "failed before") || !strings.Contains(err.Error(), "InTx") {
			t.Errorf("expected the cause and the way out, got %v", err)
		}
		return nil // as if all were well
	})
	if err == nil || !strings.Contains(err.Error(), "failed before") || errors.Is(err, dovetail.ErrCommitUnknown) {
		t.Errorf("expected the commit to say that nothing was written, got %v", err)
	}
	kit.Equal(t, "the tables", dump(t, d), before)
}

// TestTrap_N9_RollbackAfterItsContextEnded: a transaction whose context ended is rolled back, and its connection usable or gone.
func TestTrap_N9_RollbackAfterItsContextEnded(t *testing.T) {
	t.Parallel()
	direct := prepared(t)
	before := dump(t, direct)
	b := breakable(t, direct, cached)
	defer b.pool.Close()
	db := postgres.New(b.pool)
	for _, later := range []bool{false, true} { // at the commit, or with a statement after
		ctx, cancel := context.WithCancel(t.Context())
		err := db.InTx(ctx, dovetail.TxOptions{}, func(tx dovetail.DB) error {
			_, err := dovetail.Update(written.Accounts).Set("balance", 1).All().Exec(ctx, tx)
			if cancel(); later {
				_, _ = dovetail.Update(written.Accounts).Set("balance", 2).All().Exec(ctx, tx)
			}
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("expected the context's error, got %v", err)
		}
		b.quiet(t)
		kit.Equal(t, "the tables", dump(t, direct), before)
		b.ready(t, sweep{})
	}
}

// TestTrap_N12_TimeoutsOfAServer: what the server ends by itself is told by its code, and nothing is half done.
func TestTrap_N12_TimeoutsOfAServer(t *testing.T) {
	t.Parallel()
	direct := prepared(t)
	before := dump(t, direct)
	with := func(name, value string) dovetail.DB {
		config := dbtest.PostgresConfig(t)
		config.ConnConfig.RuntimeParams[name] = value
		return postgres.New(dbtest.PostgresPool(t, config))
	}
	err := direct.DB.InTx(t.Context(), dovetail.TxOptions{}, func(tx dovetail.DB) error {
		if _, err := dovetail.Select(written.Students).ForUpdate().All(t.Context(), tx); err != nil {
			return err
		}
		_, err := transactions[3].do(t.Context(), with("lock_timeout", "20ms")) // deletes the student
		coded(t, "a lock", err, "55P03")
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	_, err = dovetail.Select(written.Students).Where("pg_sleep(10) IS NULL").All(t.Context(), with("statement_timeout", "20ms"))
	coded(t, "a statement", err, "57014")
	err = with("idle_in_transaction_session_timeout", "20ms").InTx(t.Context(), dovetail.TxOptions{}, func(tx dovetail.DB) error {
		if _, err := dovetail.Update(written.Accounts).Set("balance", 1).All().Exec(t.Context(), tx); err != nil {
			return err
		}
		time.Sleep(200 * time.Millisecond)
		return nil
	})
	if err == nil || errors.Is(err, dovetail.ErrCommitUnknown) {
		t.Errorf("a transaction that the server ended: got %v", err)
	}
	kit.Equal(t, "the tables", dump(t, direct), before)
}
