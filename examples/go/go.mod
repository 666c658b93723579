module example.com/tori

go 1.19
