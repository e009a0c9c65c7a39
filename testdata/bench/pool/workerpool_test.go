package pool

import "github.com/gammazero/workerpool"

func workerpoolDo(workers int) (func(*task), func()) {
	p := workerpool.New(workers)
	return func(t *task) { must(p.Do(t.closure)) }, p.StopWait
}
