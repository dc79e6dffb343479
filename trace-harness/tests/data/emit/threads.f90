! As threads.c.
program demo
    use nbtrace
    implicit none
    integer :: n, k
    double precision :: x
    !$omp parallel do num_threads(4) schedule(static) private(k, x)
    do n = 0, 399
        call nbtrace_begin('record', n)
        do k = 0, 99
            x = nbtrace_scalar('x', n + k / 128d0)
        end do
        call nbtrace_end()
    end do
end program
